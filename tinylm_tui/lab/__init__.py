"""An experiment: a text, a model, its settings; the trainer that runs it; its files. Never imports Textual."""

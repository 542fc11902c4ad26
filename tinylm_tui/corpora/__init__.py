"""The starter texts, written for this project: plain UTF-8, one file each."""

"""What Python's bm25s finds for the same questions, with its own stop words and Snowball stems.

python bm25s_run.py KB QUESTIONS > bm25s.jsonl
"""

import json
import sys

import bm25s
import Stemmer

FIELDS = ("tags", "aliases", "entities", "summary", "ic_reply", "ooc_notes")


def text(entry):
    values = (entry.get(field) or "" for field in FIELDS)
    return " ".join(" ".join(value) if isinstance(value, list) else value for value in values)


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


entries, questions = lines(sys.argv[1]), lines(sys.argv[2])
stemmer = Stemmer.Stemmer("english")


def tokens(texts):
    return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)


retriever = bm25s.BM25()
retriever.index(tokens([text(entry) for entry in entries]), show_progress=False)
for question in questions:
    found, scores = retriever.retrieve(tokens([question["query"]]), k=min(10, len(entries)), show_progress=False)
    ranking = [entries[number]["id"] for number, score in zip(found[0], scores[0]) if score > 0]
    print(json.dumps({"id": question["id"], "ranking": ranking}))

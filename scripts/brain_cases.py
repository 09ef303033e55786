#!/usr/bin/env python3
"""Makes the cases that `lilux brain call-train` learns from out of a folder of data of others: see docs/brain-calls.md.

usage: brain_cases.py DATA OUT     DATA has free/, OUT is a folder that gets one .jsonl for each set
"""

import json
import pathlib
import sys

import brain_phrases
from brain_phrases import spread


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def with_tools(row, pool, others):
    """The tools that a row calls and some others of the pool; nothing when one of them is not there."""
    names = list(dict.fromkeys(answer["name"] for answer in row["answers"]))
    if not all(name in pool for name in names):
        return None
    order = sorted(pool, key=lambda name: spread(row["id"] + name))
    chosen = names + [name for name in order if name not in names][:others]
    chosen.sort(key=lambda name: spread(name + row["id"]))
    return {**row, "tools": [pool[name] for name in chosen]}


def toolalpaca(row):
    """Its arguments are text that is not always JSON, and some answers are questions back."""
    answers = []
    for answer in row["answers"]:
        if answer["name"] == "getDetails":
            continue
        if isinstance(answer["arguments"], str):
            try:
                answer = {**answer, "arguments": json.loads(answer["arguments"])}
            except ValueError:
                return None
        answers.append(answer)
    return {**row, "answers": answers} if answers else None


# Tools for the intents of SNIPS: what it does, and of each slot what the parameter may be called and holds.
SNIPS = {
    "PlayMusic": ("play_music", "Play music on a streaming service", {
        "artist": ("artist|singer|artist_name", "The artist or band to play"),
        "album": ("album|album_title", "Title of the album"),
        "track": ("track|song|song_name", "Title of the track"),
        "playlist": ("playlist|playlist_name", "Name of the playlist"),
        "genre": ("genre|music_genre", "Genre of the music"),
        "service": ("service|platform|app", "Streaming service to play it on"),
        "year": ("year|decade", "Year or decade the music is from")}),
    "AddToPlaylist": ("add_to_playlist", "Add a song or an artist to a playlist", {
        "playlist": ("playlist|playlist_name|list", "Name of the playlist to add to"),
        "entity_name": ("title|song|name", "Title of what is added"),
        "artist": ("artist|artist_name", "Artist that is added")}),
    "RateBook": ("rate_book", "Give a book a rating", {
        "object_name": ("book|title|book_title", "Title of the book"),
        "rating_value": ("rating|stars|score", "The rating that is given"),
        "best_rating": ("best_rating|scale|out_of", "The best rating that is possible")}),
    "SearchScreeningEvent": ("find_screenings", "Find when and where films are shown", {
        "movie_name": ("movie|film|movie_title", "Title of the film"),
        "location_name": ("cinema|theater|location", "Name of the cinema"),
        "timeRange": ("time|when|date", "When it is shown")}),
    "BookRestaurant": ("book_restaurant", "Reserve a table at a restaurant", {
        "restaurant_name": ("restaurant|restaurant_name", "Name of the restaurant"),
        "city": ("city|location|town", "City it is in"),
        "state": ("state|region", "State it is in"),
        "country": ("country", "Country it is in"),
        "cuisine": ("cuisine|cuisine_type", "Sort of cuisine"),
        "served_dish": ("dish|food", "Dish that is wanted"),
        "timeRange": ("time|date|when", "When the table is wanted")}),
    "GetWeather": ("get_weather", "Get the weather forecast for a place", {
        "city": ("city|location|town", "City to get the weather for"),
        "state": ("state|region", "State the place is in"),
        "country": ("country", "Country the place is in"),
        "geographic_poi": ("place|park|point_of_interest", "Park or other place of interest"),
        "timeRange": ("date|time|when", "Time the forecast is for")}),
    "SearchCreativeWork": ("find_work", "Find a book, film, song, game or other work", {
        "object_name": ("title|name|work", "Title of the work"),
        "object_type": ("type|kind|category", "What sort of work it is")}),
}


def spans(row):
    """The words of each slot of a SNIPS row; a slot that is there twice has the first."""
    found = {}
    words = row["text"].split()
    for at, tag in enumerate(row["bio"]):
        if tag.startswith("B-"):
            end = at + 1
            while end < len(words) and row["bio"][end] == "I-" + tag[2:]:
                end += 1
            found.setdefault(tag[2:], " ".join(words[at:end]))
    return found


def snips_tool(label, row_id, needed):
    """The tool of an intent with names that change from row to row, and the name that each slot got."""
    name, told, slots = SNIPS[label]
    names, properties = {}, {}
    for slot, (choices, description) in slots.items():
        if slot not in needed and spread(row_id + slot) % 3 == 0:
            continue
        choices = choices.split("|")
        names[slot] = choices[spread(slot + row_id) % len(choices)]
        properties[names[slot]] = {"type": "string", "description": description}
    required = [names[slot] for slot in names if slot in needed and spread("needed" + slot + row_id) % 2]
    schema = {"type": "object", "properties": properties, "required": required}
    return {"name": name, "description": told, "parameters": schema}, names


def snips(row):
    """A row of SNIPS as a case that tells of arguments alone; nothing when no slot says anything."""
    needed = {slot: words for slot, words in spans(row).items() if slot in SNIPS[row["label"]][2]}
    if not needed:
        return None
    tool, names = snips_tool(row["label"], row["text"], needed)
    if len(set(names.values())) < len(names):
        return None
    arguments = {names[slot]: [words] for slot, words in needed.items()}
    answers = [{"name": tool["name"], "arguments": arguments}]
    return {"query": row["text"], "tools": [tool], "answers": answers, "learn": "arguments"}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    free, out = pathlib.Path(sys.argv[1]) / "free", pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    sets = {name: rows(free / f"{name}.jsonl") for name in (
        "bfcl_simple_python", "bfcl_multiple", "bfcl_parallel", "bfcl_parallel_multiple", "bfcl_irrelevance", "hammerbench")}
    pool = {tool["name"]: tool for tool in json.loads((free / "sealtools_tools.json").read_text())}
    sets["sealtools"] = [with_tools(row, pool, 4) for row in rows(free / "sealtools_dev.jsonl")]
    pool = {tool["name"]: tool for tool in json.loads((free / "droidcall_api.json").read_text())}
    sets["droidcall"] = [with_tools(row, pool, 4) for row in rows(free / "droidcall_seeds.jsonl")]
    sets["toolalpaca"] = [toolalpaca(row) for row in rows(free / "toolalpaca_eval_simulated.jsonl")]
    train = [row for row in rows(free / "snips.jsonl") if row["split"] == "train"]
    sets["snips"] = [snips(row) for row in sorted(train, key=lambda row: spread(row["text"]))[:400]]
    sets["phrases"] = brain_phrases.cases(4)
    for name, cases in sets.items():
        (out / f"{name}.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases if case))


if __name__ == "__main__":
    main()

"""Sentences of ours for tools of computers, made from patterns: what `lilux brain call-train` learns from about paths, selectors,
code, quoted text and numbers of lines, which the sets of others hardly have. The same sentences every time."""

import hashlib


def spread(text):
    """A number that looks like chance and is the same every time."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16)


FILES = ["/home/kim/plan.txt", "docs/guide.md", "./src/index.ts", "~/letters/june.odt", "/etc/fstab", "report.csv", "build/app.log",
         "C:\\Users\\kim\\list.txt", "/opt/shop/orders.json", "Makefile", "./run.sh", "data/points.xml", "/var/tmp/dump.sql",
         "chapter one.txt", "/mnt/disk/My Novel/draft 3.docx", "photos/trip to oslo.jpg", "invoice_07.pdf", "../shared/todo.org"]
FOLDERS = ["/home/kim/projects", "./lib", "~/Desktop", "/srv/data", "assets/icons", "/var/cache", "../backup", "Old Letters", "/usr/share",
           "C:\\Temp", "/mnt/disk/My Novel", "src/components", "build", "/tmp", "work/2024/Q3 reports"]
TEXTS = ["remember the keys", "Dear all, the office is closed on Friday.", "done", "x = 1", "status: ready", "We leave at noon", "42",
         "no longer needed", "Thank you for your help!", "alpha, beta and gamma", "TODO", "see page 12", "version two"]
OLD = ["colour", "import os", "max = 10", "v1.2", "the old name", "debug=off", "http://", "teh", "begin", "A. Smith", "retries: 3"]
NEW = ["color", "import sys", "max = 25", "v1.3", "the new name", "debug=on", "https://", "the", "start", "B. Jones", "retries: 5"]
SELECTORS = ["#save-button", ".nav-item", "#user_name", "input.email", "#cart .total", ".modal > .close", "button[type=submit]", "#main",
             ".product-card", "#zip-code", "a.download", "#terms"]
CODE = ["alert(1)", "document.body.innerHTML", "window.location.reload()", "console.log('ready')", "1 + 1", "navigator.userAgent",
        "localStorage.clear()", "document.querySelectorAll('a').length"]
POOLS = {
    "file": FILES, "file2": FILES, "file3": FILES, "folder": FOLDERS, "text": TEXTS, "old": OLD, "new": NEW, "selector": SELECTORS,
    "selector2": SELECTORS, "code": CODE, "glob": ["*.txt", "**/*.py", "*.jpg", "report*", "**/test_*.go", "*.{c,h}", "index.*"],
    "skip": ["vendor", ".cache", "tmp", "out", "*.bak", "coverage"], "count": [3, 5, 12, 25, 40, 200],
    "word": ["invoice", "main", "cat photo", "meeting", "README", "budget", "license"],
    "url": ["https://example.org", "http://localhost:8080/login", "https://shop.example.com/cart?id=7", "https://news.example.net"],
    "engine": ["firefox", "chromium", "webkit"], "label": ["front_page", "checkout-step", "header", "after login"],
    "value": ["blue", "Norway", "express", "2 nights", "XL", "de"], "key": ["Enter", "Tab", "Escape", "ArrowUp", "F5", "Delete"],
    "branch": ["feature/login", "main", "fix-123", "release_2.0"], "image": ["nginx:latest", "postgres:16", "redis", "acme/web:1.4"],
    "name": ["web1", "cache", "shop_db", "proxy"], "port": [8080, 5432, 3000, 443],
    "sql": ["SELECT * FROM users", "DELETE FROM cart WHERE id = 7", "SELECT name, age FROM staff WHERE age > 30"],
    "database": ["sales", "hr_data", "inventory.db"], "mail": ["kim@example.org", "lee.park@example.com", "office@example.net"],
    "subject": ["Lunch on Tuesday", "Your order", "Minutes of the meeting"], "room": ["kitchen", "living room", "bedroom", "hall"],
    "percent": [10, 35, 60, 80], "degrees": [18, 19.5, 21, 24], "minutes": [5, 12, 45, 90],
}
POOLS.update({
    "bare": ["notes.txt", "hello.py", "index.html", "old_list.csv", "todo.md"], "bare2": ["memo.txt", "main.py", "home.html", "new_list.csv"],
    "root": ["/home/kim", "/srv/www", "~/work", "/tmp", "./data", "/opt/app/logs"], "word1": ["reports", "archive", "photos", "Q3"],
    "town": ["Lyon", "Austin", "Osaka", "Cape Town", "Malmo", "San Diego", "Quito", "New York", "Leeds", "Porto"],
    "town2": ["Ghent", "Denver", "Lima", "Hong Kong", "Krakow", "Los Angeles", "Accra", "Turin"],
    "scale": ["celsius", "fahrenheit"], "date": ["2026-03-04", "2025-11-30", "2027-01-15"], "car": ["van", "comfort", "pool"],
    "address": ["12 Mill Lane", "the central station", "48 Harbour Street", "Terminal 2"], "people": [2, 3, 4, 6, 8],
    "stars": [3.5, 4, 4.5, 5], "genre": ["Comedy", "Horror", "Drama", "Action", "Romance"], "person": ["Anna Holt", "Tom Berg", "Li Na", "Omar Diaz"],
    "person2": ["Maria", "Ben", "Jonas Weber", "Lea", "Mr. Okafor"], "amount": [20, 75, 120.5, 300], "id": [12, 4411, 907, 55, 3021],
    "urgency": ["urgent", "high", "low"], "title": ["Printer on fire", "Budget review", "login page is blank", "Dentist", "Standup"],
    "song": ["Yellow Bird", "hallelujah", "Morning Train", "Blue Monday"], "device": ["kitchen speaker", "bedroom", "tv"],
    "restaurant": ["The Green Fork", "Chez Louis", "Golden Dragon", "Mario's"], "memory": [8, 16, 32, 64], "cores": [2, 4, 8, 12],
    "language": ["French", "Korean", "Spanish", "German"], "sentence": ["where is the station", "good night", "I lost my key"],
    "product": ["running shoes", "a desk lamp", "wireless mouse", "rain jacket"], "color": ["red", "black", "green"], "drink": ["large", "small"],
    "milk": ["oat", "soy", "whole"], "symbol": ["NVDA", "AAPL", "TSLA", "SAP"], "mails": ["kim@example.org and lee@example.org"],
})
# Requests of every day, which are also made without capitals and marks.
EVERYDAY = {
    "get_forecast|weather.current|fetch_weather": ("Gets the weather of a place.", {
        "city|location": ("town", "string", "The city to get the weather for", True),
        "unit|temperature_unit": ("scale", ["celsius", "fahrenheit"], "Unit of the temperature; celsius by default", False),
        "date|day": ("date", "string", "Day in the format YYYY-MM-DD, default is today", False)},
        ["What's the weather like in {town}?", "weather {town}", "Tell me the weather in {town} in {scale}", "Is it going to rain in {town} on {date}?",
         "How hot is it in {town} in {scale}?", "forecast for {town} on {date} please"]),
    "order_taxi|ride.book|cab_request": ("Orders a taxi.", {
        "destination|loc": ("address", "string", "Where to go", True), "kind|type": ("car", ["comfort", "pool", "van"], "Sort of car", False),
        "wait|minutes": ("minutes", "integer", "Minutes the customer can wait, default is 10", False)},
        ["Get me a taxi to {address}", "I need a {car} to {address}", "call a cab to {address}, I can wait {minutes} minutes", "order a ride to {address} with a {car}",
         "a {car} ride to {address} and I can wait {minutes} minutes"]),
    "find_stay|Stays_1_Search|hotel_lookup": ("Finds a house or hotel to stay in.", {
        "where|location|city": ("town", "string", "City it is in", True), "people|number_of_guests": ("people", "integer", "How many people come, default 1", False),
        "rating|min_stars": ("stars", "number", "Least rating", False), "has_laundry|laundry_service": ("laundry", ["True", "False", "dontcare"], "Whether it has a laundry", False)},
        ["Find a house in {town} for {people} people", "I want to stay in {town}, rated at least {stars}", "a place in {town} for {people} people with a laundry{laundry}",
         "Looking for a hotel in {town} with {stars} stars", "somewhere to stay in {town} that has laundry{laundry}", "need rooms in {town} for {people}"]),
    "find_films|Movies_1_Find|search_movies": ("Finds films by what they are about and who made them.", {
        "genre|category": ("genre", ["Action", "Comedy", "Drama", "Horror", "Romance", "dontcare"], "Genre; dontcare by default", False),
        "directed_by|director": ("person", "string", "Who directed it; dontcare for anyone", False), "starring|actor": ("person2", "string", "Who plays in it; dontcare for anyone", False)},
        ["I want to watch a {genre} film", "find {genre} movies directed by {person}", "any film by the director {person}?", "a {genre} with {person2} in it",
         "films starring {person2}", "show me some {genre} movies please", "what films are directed by {person}?"]),
    "transfer_money|bank.pay|send_payment": ("Transfers money to somebody.", {
        "amount|value": ("amount", "number", "How much", True), "receiver|to": ("person2", "string", "Who gets it", True),
        "private|hidden": ("private", "boolean", "Whether it is private, default false", False)},
        ["send {amount} dollars to {person2}", "Transfer {amount} to {person2}", "pay {person2} {amount}", "give {amount} to {person2}, keep it private{private}",
         "wire {amount} euros to {person2} and make it private{private}", "{amount} to {person2} please"]),
    "get_user|users.find|user_lookup": ("Gets what is known of a user.", {
        "user_id|id": ("id", "integer", "Number of the user", True), "details|full": ("details", "boolean", "Whether to give all details", False)},
        ["get user {id}", "who is the user with the id {id}?", "Show user {id} with all details{details}", "look up user number {id}", "user {id} pls", "I need full details{details} of the user {id}"]),
    "create_ticket|support.open|new_issue": ("Creates a ticket for support.", {
        "title|summary": ("title", "string", "Short title", True), "priority|severity": ("urgency", ["low", "normal", "high", "urgent"], "How urgent it is, normal by default", False),
        "customer|customer_id": ("id", "integer", "Number of the customer", False)},
        ["open a ticket {'title}", "Create a ticket titled {'title} with {urgency} priority", "new {urgency} ticket: {title}", "ticket for customer {id}: {'title}",
         "file an {urgency} issue called {'title} for customer {id}"]),
    "plan_event|calendar.add|create_meeting": ("Puts an event into the calendar.", {
        "title|name": ("title", "string", "What it is called", True), "date|day": ("date", "string", "Date in the format YYYY-MM-DD", False),
        "guests|attendees": ("guests", "strings", "Addresses of those invited", False), "duration|length_minutes": ("minutes", "integer", "How long it takes in minutes", False)},
        ["schedule {'title} on {date}", "Put {title} in my calendar for {minutes} minutes", "add an event called {title} on {date} and invite {mails}{guests}",
         "meeting {'title} for {minutes} minutes, invite {mails}{guests}"]),
    "play_song|player.start|music_play": ("Plays a song.", {
        "song|title": ("song", "string", "Title of the song", True), "artist|singer": ("person", "string", "Who sings it", False), "device|room": ("device", "string", "Where to play it", False)},
        ["play {song}", "Play {song} by {person}", "put on {song} by {person} on the {device}", "play {song} in the {device}", "I want to hear {song}"]),
    "reserve_table|dining.book|book_restaurant": ("Reserves a table in a restaurant.", {
        "restaurant|name": ("restaurant", "string", "Name of the restaurant", True), "city|location": ("town", "string", "City it is in", True),
        "people|party_size": ("people", "integer", "Number of people, 2 by default", False)},
        ["book a table at {restaurant} in {town}", "Reserve {restaurant} in {town} for {people} people", "table for {people} at {restaurant}, {town}",
         "I'd like a table for {people} people at {restaurant} in {town}"]),
    "create_vm|vm.new|launch_machine": ("Creates a virtual machine.", {
        "name|hostname": ("name", "string", "Name of the machine", True), "memory|ram_gb": ("memory", "integer", "Memory in GB", False), "cpus|cores": ("cores", "integer", "Number of processors", False)},
        ["create a vm named {name}", "Launch a machine called {name} with {memory} GB of memory and {cores} cpus", "new vm {name} with {cores} cores", "start a virtual machine {name}, {memory} GB ram"]),
    "translate|text.translate": ("Translates text.", {"text|phrase": ("sentence", "string", "What to translate", True), "language|to": ("language", "string", "Language to translate into", True)},
        ["translate {'sentence} to {language}", "how do you say {'sentence} in {language}?", "what is {sentence} in {language}", "{language} for {'sentence}"]),
    "search_products|shop.find": ("Searches products of a shop.", {
        "query|keywords": ("product", "string", "What to look for", True), "color|colour": ("color", "string", "Color of it", False), "max_price|price_limit": ("amount", "number", "Most it may cost", False)},
        ["find {product} in {color}", "I am looking for {product}", "search for {product} under {amount} dollars", "show me {product} that cost at most {amount}", "{product} in {color} for less than {amount}"]),
    "find_trains|rail.search": ("Searches trains between two cities.", {
        "origin|from": ("town", "string", "City of departure", True), "destination|to": ("town2", "string", "City of arrival", True), "date|day": ("date", "string", "Day, YYYY-MM-DD", False),
        "passengers|people": ("people", "integer", "Number of passengers, default 1", False)},
        ["trains from {town} to {town2}", "I want to go from {town} to {town2} on {date}", "train to {town2} from {town} for {people} people", "{town} to {town2} on {date}, {people} passengers"]),
    "share_price|stocks.quote": ("Tells the price of a share.", {"symbol|ticker": ("symbol", "string", "Ticker symbol", True)},
        ["what is {symbol} at", "price of {symbol}", "How is {symbol} doing today?", "stock quote for {symbol}"]),
}
# name | other names: (what it does, {parameter | other names: (slot, type, description, needed)}, patterns)
TOOLS = {
    "open_file|get_file_text|file_read": ("Read the text of a file; 'first' and 'last' give only some of its lines.", {
        "path|file|filename": ("file", "string", "", True),
        "first|head|top_lines": ("count", "number", "If given, only the first N lines of it", False),
        "last|tail|end_lines": ("count2", "number", "If given, only the last N lines of it", False)},
        ["read {bare} in the directory {root}", "show me {file}", "What does {file} say?", "print the contents of {file}", "Read {file} please", "I want to see what is written in {file}",
         "open {file} and read it to me", "give me the first {count} lines of {file}", "Show the last {count2} lines of the file {file}",
         "the top {count} lines of {file}", "Show the first {count} lines of {file}", "print the last {count2} lines of {file} please", "last {count2} lines of {file}", "display {file}, only the last {count2} lines", "head of {file}, {count} lines",
         "Can you read the file {file} for me?", "dump {file}"]),
    "open_files|read_many|fetch_texts": ("Read several files at the same time.", {
        "paths|files": ("files", "strings", "The files to read", True)},
        ["read {file} and {file2}", "Show me the files {file}, {file2} and {file3}.", "Get the contents of {file}, {file2}, {file3}",
         "compare {file} with {file2}: read both", "load all of these: {file}, {file2}", "Read both {file} and {file2} at once"]),
    "save_file|put_text|create_text_file": ("Make a new file with the text, or write over the one that is there.", {
        "path|file|target": ("file", "string", "", True), "content|text|data": ("text", "string", "", True)},
        ["create a file named {bare} in {root} with the content {'text}", "Write {'text} into {bare} in the folder {root}", "make {bare} inside {root} containing {'text}",
         "copy the text {text} into {file}", "write {'text} to {file}", "make a new file {file} with the text {'text}", "Create a file {file} with the content {'text}", "save {'text} in {file}", "put {'text} into the file {file}",
         "make {file} containing {'text}", "new file {file} with the text: {text}", "Overwrite {file} with {'text}", "create {file}, its content is {'text}",
         "put the words {text} in {file}", "store {'text} as {file}", "Write a file named {file} that says {'text}"]),
    "change_file|patch_text|file_replace": ("Replace text in a file with other text, several times where it is told so.", {
        "path|file": ("file", "string", "", True),
        "changes|edits|replacements": ("pairs", "pairs", "The changes", True),
        "preview|dry_run|test_only": ("preview", "boolean", "Only show what would change", False)},
        ["replace {'old} with {'new} in {file}", "In {file} change {'old} to {'new}", "edit {file}: {'old} becomes {'new}",
         "in the file {file}, substitute {'new} for {'old}", "Update {file} so that {'old} is replaced by {'new}",
         "show what happens if {'old} is replaced by {'new} in {file}, as a preview{preview}", "swap {'old} for {'new} in {file}",
         "Change {'old} into {'new} within {file}, but only as a dry run{preview}"]),
    "make_folder|new_directory|add_dir": ("Create a directory and those above it.", {"path|folder|directory": ("folder", "string", "", True)},
        ["create a new directory called {word1} inside {root}", "make the folder {word1} in {root}", "create the folder {folder}", "make a directory called {folder}", "mkdir {folder}", "I need a new folder {folder}", "add a directory {folder} please"]),
    "show_folder|dir_list|browse": ("List what is in a directory.", {
        "path|folder|directory": ("folder", "string", "", True)},
        ["what files are in {root}", "I'd like to know which files are in the folder {folder}", "what is in {folder}?", "list the files in {folder}", "Show me the contents of the folder {folder}", "ls {folder}", "which files are in the directory {folder}",
         "Let me see everything inside {folder}", "list directory {folder}"]),
    "folder_tree|show_tree": ("Get the whole tree of files below a directory.", {
        "path|root": ("folder", "string", "", True), "exclude|skip_patterns": ("skips", "strings", "", False)},
        ["show the tree of {folder}", "Show the structure of the directory {folder} but leave out {skip}", "the whole tree below {folder}, no {skip}", "the directory structure of {folder}, please", "tree view of {folder} without {skip}", "Give me the tree of {folder} excluding {skip}",
         "recursive structure of the folder {folder}"]),
    "transfer|rename_path|relocate_file": ("Move or rename a file or directory.", {
        "source|from|old_path": ("file", "string", "", True), "destination|to|new_path": ("file2", "string", "", True)},
        ["in {root} rename {bare} to {bare2}", "Rename {bare} to {bare2} in the directory {root}", "move {file} to {file2}", "rename {file} to {file2}", "Please relocate the file {file} into {file2}", "mv {file} {file2}", "{file} should be called {file2} from now on",
         "Can you move {file} over to {file2}?"]),
    "find_files|file_search|glob": ("Search a directory for files whose names match a pattern.", {
        "path|folder|root": ("folder", "string", "", True), "pattern|glob|query": ("glob", "string", "", True),
        "exclude|ignore_patterns": ("skips", "strings", "Patterns to leave out", False)},
        ["find {'glob} in {folder}", "search {folder} for {'glob}", "look for files named {'glob} under {folder}", "which files in {folder} match {'glob}?",
         "Find all files matching {'glob} in the folder {folder}, excluding {skip}", "find every {'glob} below {folder} but not in {skip}"]),
    "file_facts|stat_path|metadata": ("Tell the size, times, type and permissions of a file.", {"path|file": ("file", "string", "", True)},
        ["What is the size of {file} and when was it created?", "when was {bare} in {root} last changed?", "how big is {file}?", "when was {file} changed?", "Tell me the size and permissions of {file}", "info about {file}", "get the metadata of the file {file}"]),
    "go_to|open_page|visit": ("Open a web page in a browser.", {
        "url|address": ("url", "string", "The page to open", True), "browser|engine": ("engine", ["chromium", "firefox", "webkit"], "Which browser", False)},
        ["go to {url}", "Open {url} in {engine}", "visit the page {url}", "Navigate to {url} using the {engine} browser", "load {url}"]),
    "press_element|click_on|tap": ("Click an element of the page.", {"selector|target": ("selector", "string", "CSS selector of the element", True)},
        ["click {'selector}", "Click the button {selector} on the page", "press the element with the selector {selector}", "tap on {selector}",
         "Please click on the link identified by {selector}"]),
    "type_into|fill_field": ("Fill an input field with text.", {
        "selector|field": ("selector", "string", "CSS selector of the field", True), "value|text": ("value", "string", "What to fill in", True)},
        ["type {'value} into {selector}", "fill {selector} with {'value}", "enter {'value} in the field {selector}", "Fill in the input with the selector {selector} with the value {value}"]),
    "drag_element|drag": ("Drag one element of the page to another.", {
        "source|from_selector": ("selector", "string", "The element to drag", True), "target|to_selector": ("selector2", "string", "Where to drop it", True)},
        ["drag {selector} to {selector2}", "Drag the element {selector} onto the element {selector2}", "move {selector} over {selector2} and drop it"]),
    "run_code|evaluate": ("Run JavaScript in the page.", {"script|code": ("code", "string", "The code to run", True)},
        ["run {'code}", "execute the JavaScript {code} in the page", "Evaluate the script {'code}", "run the code {code} in the console"]),
    "picture_of|screenshot": ("Take a screenshot of the page or an element of it.", {
        "name|title": ("label", "string", "Name of the screenshot", True), "selector|element": ("selector", "string", "CSS selector of the element", False)},
        ["take a screenshot named {'label}", "Take a screenshot of {selector} and call it {'label}", "screenshot the element {selector} as {'label}", "capture the page and save it as {'label}"]),
    "press_key|keyboard": ("Press a key.", {
        "key": ("key", "string", "The key, such as 'Space' or 'PageDown'", True), "selector": ("selector", "string", "Element that has the focus", False)},
        ["press {key}", "hit the {key} key", "Press the {key} key on {selector}", "press {key} in the field {selector}"]),
    "switch_branch|checkout": ("Switch to a branch of a git repository.", {
        "branch|name": ("branch", "string", "", True), "repository|repo_path": ("folder", "string", "Path of the repository", False)},
        ["switch to {branch}", "check out the branch {branch} in {folder}", "go to branch {'branch}"]),
    "start_container|docker_run": ("Start a container from an image.", {
        "image": ("image", "string", "", True), "name|container_name": ("name", "string", "Name of the container", False), "port|host_port": ("port", "integer", "Port to publish", False)},
        ["start a container from {image}", "run {image} as {name} on port {port}", "start {image} with the name {name}", "docker run {image} on port {port}"]),
    "query_database|run_sql": ("Run an SQL statement in a database.", {
        "sql|statement|query": ("sql", "string", "", True), "database|db": ("database", "string", "Name of the database", True)},
        ["run {'sql} on the database {database}", "execute {'sql} in {'database}", "In {database} run the query {'sql}"]),
    "send_mail|email": ("Send an e-mail.", {
        "to|recipient": ("mail", "string", "Address of the recipient", True), "subject|title": ("subject", "string", "", False), "body|message": ("text", "string", "", True)},
        ["send {'text} to {mail}", "mail {mail} with the subject {'subject} saying {'text}", "write an email to {mail}, subject {'subject}, body {'text}"]),
    "set_light|dim": ("Set the light of a room.", {
        "room|area": ("room", "string", "", True), "brightness|level": ("percent", "integer", "From 0 to 100", False)},
        ["set the light in the {room} to {percent}", "dim the {room} lights to {percent} %", "turn on the light in the {room}", "{room} light at {percent} percent"]),
    "set_heating|thermostat": ("Set the temperature of a room in degrees.", {
        "room": ("room", "string", "", True), "temperature|target": ("degrees", "number", "", True)},
        ["set the {room} to {degrees} degrees", "heat the {room} up to {degrees}", "make it {degrees} degrees in the {room}"]),
}


TOOLS.update(EVERYDAY)
SWITCHES = {"preview": True, "private": True, "details": True, "laundry": "True", "guests": ["kim@example.org", "lee@example.org"]}


def written(slot, value, is_quoted, seed):
    """A value as it stands in a sentence: with spaces always in quotes."""
    if is_quoted or (slot.rstrip("23") in ("file", "folder", "label") and " " in str(value)):
        marks = ["'", '"', "'", '"', "`"]
        mark = marks[spread("mark" + seed) % 5]
        return f"{mark}{value}{mark}" if mark not in str(value) else f'"{value}"'
    return str(value)


def filled(pattern, seed):
    """A sentence of a pattern, and the value of each of its slots."""
    values, sentence, at = {}, "", 0
    while (begin := pattern.find("{", at)) >= 0:
        end = pattern.index("}", begin)
        slot = pattern[begin + 1:end]
        is_quoted, slot = slot.startswith("'"), slot.lstrip("'")
        sentence += pattern[at:begin]
        at = end + 1
        if slot in SWITCHES:
            values[slot] = SWITCHES[slot]
            continue
        pool = POOLS["count" if slot == "count2" else slot]
        index = spread(seed + ("old" if slot == "new" else slot)) % len(pool)
        while slot != "new" and pool[index] in values.values():
            index = (index + 1) % len(pool)
        values[slot] = pool[index]
        sentence += written(slot, pool[index], is_quoted and spread("quote" + seed + slot) % 8 > 0, seed)
    return sentence + pattern[at:], values


def chosen(names, seed):
    names = names.split("|")
    return names[spread(names[0] + seed) % len(names)]


def schema(names, seed):
    """A tool with names that change from sentence to sentence, and what each of its parameters is called."""
    told, parameters, _ = TOOLS[names]
    properties, required, called = {}, [], {}
    for keys, (slot, kind, description, needed) in parameters.items():
        key = called[slot] = chosen(keys, seed)
        one = {"type": kind}
        if isinstance(kind, list):
            one = {"type": "string", "enum": kind}
        if kind == "strings":
            one = {"type": "array", "items": {"type": "string"}}
        if kind == "pairs":
            names_of_pair = [("old", "new"), ("find", "replace"), ("oldText", "newText"), ("before", "after")][spread("pair" + seed) % 4]
            called["pair"] = names_of_pair
            one = {"type": "array", "items": {"type": "object", "required": list(names_of_pair), "properties": {
                names_of_pair[0]: {"type": "string", "description": "The text that is there"},
                names_of_pair[1]: {"type": "string", "description": "The text to put there"}}}}
        if description:
            one["description"] = description
        properties[key] = one
        if needed:
            required.append(key)
    tool = {"name": chosen(names, seed), "description": told,
            "parameters": {"type": "object", "properties": properties, "required": required}}
    return tool, called


def arguments_of(values, called):
    arguments = {}
    for slot, name in (("file", "bare"), ("file2", "bare2"), ("folder", "word1")):  # a name in a folder is a path
        if name in values:
            values = {**values, slot: f"{values['root']}/{values[name]}"}
    if "root" in values and "folder" not in values:
        values = {**values, "folder": values["root"]}
    for slot, key in called.items():
        if slot in values:
            arguments[key] = values[slot]
    if "files" in called:
        arguments[called["files"]] = [values[slot] for slot in ("file", "file2", "file3") if slot in values]
    if "skips" in called and "skip" in values:
        arguments[called["skips"]] = [values["skip"]]
    if "pairs" in called:
        arguments[called["pairs"]] = [dict(zip(called["pair"], (values["old"], values["new"])))]
    return arguments


def cases(times):
    """Each pattern that many times with other values, names and other tools beside its own, every fifth time without its own."""
    made = []
    for names, (_, _, patterns) in TOOLS.items():
        for pattern in patterns:
            for time in range(times):
                seed = f"{pattern}{time}"
                sentence, values = filled(pattern, seed)
                if names in EVERYDAY and spread("plain" + seed) % 3 == 0:
                    sentence = sentence.lower().rstrip("?.")
                tool, called = schema(names, seed)
                others = sorted((other for other in TOOLS if other != names), key=lambda other: spread(other + seed))
                tools = [schema(other, seed)[0] for other in others[:6]]
                if spread("none" + seed) % 5 == 0:
                    made.append({"query": sentence, "tools": tools, "answers": []})
                    continue
                tools.append(tool)
                tools.sort(key=lambda one: spread(one["name"] + seed))
                answers = [{"name": tool["name"], "arguments": {key: [value] for key, value in arguments_of(values, called).items()}}]
                made.append({"query": sentence, "tools": tools, "answers": answers})
    return made

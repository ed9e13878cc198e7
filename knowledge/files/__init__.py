"""Files that people hand in: checked, kept, read page by page, and given to whom they belong.

Doors: `keeping.keep_file`, `texts.read_pending`, `rights`, `views`. What touches the inside of a
foreign file runs in a process of its own (`limited` → `child`) that knows neither Django nor the
database.
"""

"""Integer-millisecond time, the event engine, keyed draws and series; knows no mail."""

// The console works without this file; it only adds what a page can not do by itself.

// A process that does nothing until it is killed.
setInterval(() => undefined, 1000);

//! From the file as written to the configuration as meant, every fault at once.

// The common script; filled below.

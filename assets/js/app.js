// What every page may use. Each part finds its own elements; a page without them pays nothing.
import "./guard.js";
import "./autosave.js";
import "./upload.js";
import "./idle.js";

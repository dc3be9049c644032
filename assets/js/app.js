// What every page may use. Each part finds its own elements; a page without them pays nothing.
import "./guard.js";
import "./autosave.js";
import "./upload.js";
import "./idle.js";

// Whoever has signed out leaves nobody's matter on a second screen.
if (document.querySelector('a[href^="/sign-in"]')) new BroadcastChannel("datmui-screen").postMessage("changed");

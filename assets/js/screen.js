// The second screen at a counter: the officer's window says when there is something else to show, and
// hears that a screen is there.
const channel = new BroadcastChannel("datmui-screen");
channel.addEventListener("message", (event) => event.data === "changed" && location.reload());
channel.postMessage("opened");

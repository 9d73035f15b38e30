// A softphone of JsSIP without a browser: registers over WebSocket, dials a number, and says what came of it.
//
//     node jssip.cjs PACKAGES URI PASSWORD ws://HOST:PORT NUMBER
//
// Sound is none of its business: what a browser's RTCPeerConnection would offer is made up.

const { createRequire } = require("node:module");
const [packages, uri, password, socket, number] = process.argv.slice(2);
const load = createRequire(packages + "/");
globalThis.WebSocket = load("ws");
globalThis.window = globalThis;
const sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n";
globalThis.RTCPeerConnection = class extends EventTarget {
  iceGatheringState = "complete";
  iceConnectionState = "connected";
  signalingState = "stable";
  async createOffer() { return { type: "offer", sdp }; }
  async setLocalDescription(it) { this.localDescription = it; }
  async setRemoteDescription(it) { this.remoteDescription = it; }
  addTrack() {}
  close() {}
};
globalThis.RTCSessionDescription = class { constructor(it) { Object.assign(this, it); } };
class Stream { getTracks() { return []; } }
globalThis.MediaStream = Stream;

const JsSIP = load("jssip");
const phone = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface(socket)], uri, password });
const says = (line) => console.log(line);
phone.on("registered", () => {
  says("registered");
  phone.call(number + "@" + uri.split("@")[1], {
    mediaStream: new Stream(),
    eventHandlers: {
      accepted: () => says("accepted"),
      ended: () => says("ended"),
      failed: (it) => says("failed: " + it.cause),
    },
  });
});
phone.on("registrationFailed", (it) => says("not registered: " + it.cause));
phone.start();

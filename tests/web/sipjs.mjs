// A softphone of SIP.js without a browser: registers over WebSocket, dials a number, and says what came of it.
//
//     node sipjs.mjs PACKAGES URI PASSWORD ws://HOST:PORT NUMBER
//
// Sound is none of its business: its session description handler makes up what a browser would offer.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
const [packages, uri, password, server, number] = process.argv.slice(2);
const load = createRequire(packages + "/");
globalThis.WebSocket = load("ws");
const { Inviter, Registerer, RegistererState, SessionState, UserAgent } =
  await import(pathToFileURL(packages + "/node_modules/sip.js/lib/index.js"));
const body = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n";
const sound = () => ({
  close() {},
  getDescription: async () => ({ body, contentType: "application/sdp" }),
  hasDescription: () => true,
  holdModifier: async (it) => it,
  rollbackDescription: async () => {},
  setDescription: async () => {},
  sendDtmf: () => false,
});
const says = (line) => console.log(line);
const [user, host] = uri.replace("sip:", "").split("@");
const phone = new UserAgent({
  uri: UserAgent.makeURI(uri),
  authorizationUsername: user,
  authorizationPassword: password,
  transportOptions: { server },
  sessionDescriptionHandlerFactory: sound,
  logBuiltinEnabled: false,
});
await phone.start();
const registerer = new Registerer(phone);
registerer.stateChange.addListener((state) => {
  if (state !== RegistererState.Registered) return;
  says("registered");
  const call = new Inviter(phone, UserAgent.makeURI("sip:" + number + "@" + host));
  call.stateChange.addListener((it) => {
    if (it === SessionState.Established) says("accepted");
    if (it === SessionState.Terminated) says("ended");
  });
  call.invite({ requestDelegate: { onReject: (it) => says("failed: " + it.message.statusCode) } });
});
registerer.register({ requestDelegate: { onReject: (it) => says("not registered: " + it.message.statusCode) } });

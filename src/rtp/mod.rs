//! RTP and RTCP packets, DTMF events (RFC 4733) and G.711, as values over bytes.

//! The media threads: RTP ports, batched sockets, the media machine at work.

//! REST, events and problems over HTTP.

//! Everything that is deployed to watch Lotse, held to what Lotse shows: by its words, and live.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod deployed;
mod live;
mod words;

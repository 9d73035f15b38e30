//! Stories of the RTP machine, told in virtual time: what is ordered and what comes, and beside
//! it, a line each, what leaves and then what is told.

mod calls;
mod chaos;
mod conferences;
mod pressing;
mod protected;
mod scene;

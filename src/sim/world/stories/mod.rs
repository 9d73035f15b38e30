//! Calls as the exchange lives through them, told line by line: facts at the margin, and what was
//! said on the wire and asked of the media indented below.

mod callers;
mod conferences;
mod consults;
mod dialling;
mod elsewhere;
mod holds;
mod limits;
mod phones;
mod scene;
mod starts;
mod transfers;

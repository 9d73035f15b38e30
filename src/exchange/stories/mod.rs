//! Stories of the whole exchange, told line by line as the wire had them.

mod breaking;
mod hostile;
mod identity;
mod ids;
mod ladder;
mod menus;
mod overload;
mod phones;
mod sending_on;
mod sessions;
mod slips;

//! The whole exchange in a virtual world, from a seed.

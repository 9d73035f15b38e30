//! Facts kept in order, behind the decision.

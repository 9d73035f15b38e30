//! Queues, agents, calls and service level, folded from facts. Everyone who reads, reads here.

//! How many files the process may have open: every RTP stream is two sockets.

use crate::config::meant::Config;

/// Files that are neither media nor SIP connections: the log, the journal, HTTP, events.
const OTHERS: u64 = 256;

/// Raises the limit of open files as far as the system lets us, and warns if that is too low
/// for what the configuration wants to hold.
pub(super) fn raise_open_files(config: &Config) {
    let granted = rlimit::increase_nofile_limit(rlimit::INFINITY).unwrap_or(1024);
    let connections = config.net.connections_max as u64;
    let wanted = 2 * u64::from(config.media.prepared) + connections + OTHERS;
    if granted < wanted {
        tracing::warn!(
            granted,
            wanted,
            "too few open files are allowed: set LimitNOFILE (systemd) or ulimit -n"
        );
    }
}

//! The web thread: boards folded from news, and HTTP served from them.

use std::{io, net::TcpListener, time::Duration};

use tokio::sync::{mpsc, oneshot};

use crate::{
    api::web::{News, Web},
    server::readers::REST,
};

/// How long requests in hand may go on after the last news.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// Folded at one go, so that requests get their turn in between.
const BURST: usize = 4_096;

/// Folds and serves until nobody tells any more.
pub(super) fn run(listener: TcpListener, web: &Web, news: mpsc::Receiver<News>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let (close, closed) = oneshot::channel::<()>();
        let serving = axum::serve(listener, web.router()).with_graceful_shutdown(async {
            let _ = closed.await;
        });
        let serving = tokio::spawn(async move { serving.await });
        fold(web, news).await;
        web.close();
        let _ = close.send(());
        match tokio::time::timeout(LAST_ANSWERS, serving).await {
            Ok(Ok(served)) => served,
            // A reader that does not let go is let go.
            Ok(Err(_)) | Err(_) => Ok(()),
        }
    })
}

async fn fold(web: &Web, mut news: mpsc::Receiver<News>) {
    let mut burst = vec![];
    while news.recv_many(&mut burst, BURST).await > 0 {
        burst.drain(..).for_each(|piece| web.tell(piece));
        tokio::time::sleep(REST).await;
    }
}

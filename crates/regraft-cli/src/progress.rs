//! A progress bar on a terminal, silence elsewhere, and Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use regraft::study::Watch;

/// Shows how far a run is and whether the user wants it stopped.
pub struct Progress {
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
}

impl Progress {
    /// A bar on stderr, and a Ctrl-C handler that asks the run to stop.
    pub fn new() -> Progress {
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        // Without a handler Ctrl-C ends the process at once: the unfinished folder keeps its name.
        let _ = ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
        });
        Progress { bar: ProgressBar::no_length(), stop }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Watch for Progress {
    fn stage(&self, what: &str, total: u64) {
        let template = "{msg:28} {bar:32} {pos}/{len} patients  {per_sec}  {eta} left";
        let style = ProgressStyle::with_template(template).expect("the template is right");
        self.bar.set_style(style);
        self.bar.reset();
        self.bar.set_length(total);
        self.bar.set_message(what.to_string());
    }

    fn advance(&self, patients: u64) {
        self.bar.inc(patients);
    }

    fn cancelled(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

//! A progress bar on a terminal, silence elsewhere, and Ctrl-C.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};
use regraft::run_folder::RunFolder;
use regraft::study::Watch;

type Remover = Box<dyn Fn() + Send>;

/// Shows how far a run is and whether the user wants it stopped.
pub struct Progress {
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
    /// Clears away an unfinished folder where the process must end at once.
    remover: Arc<Mutex<Option<Remover>>>,
}

/// Exit code after a second Ctrl-C: 128 + SIGINT, as shells have it.
const INTERRUPTED: i32 = 130;

impl Progress {
    /// A bar on stderr, and a handler of Ctrl-C and SIGTERM: the first asks the run to stop, the second ends it.
    pub fn new() -> Progress {
        let stop = Arc::new(AtomicBool::new(false));
        let remover: Arc<Mutex<Option<Remover>>> = Arc::default();
        let (flag, folder) = (Arc::clone(&stop), Arc::clone(&remover));
        // Without a handler Ctrl-C ends the process at once: the unfinished folder keeps its name.
        let _ = ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::SeqCst) {
                if let Some(remove) = &*folder.lock().unwrap_or_else(PoisonError::into_inner) {
                    remove();
                }
                std::process::exit(INTERRUPTED);
            }
        });
        Progress { bar: ProgressBar::no_length(), stop, remover }
    }

    /// Tells which folder is to be cleared away at a second Ctrl-C.
    pub fn guard(&self, folder: &RunFolder) {
        *self.remover.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(folder.remover()));
    }

    /// Tells which files are to be taken away at a second Ctrl-C.
    pub fn guard_files(&self, files: Vec<PathBuf>) {
        let remove = move || {
            for file in &files {
                // The process ends here and now.
                let _ = std::fs::remove_file(file);
            }
        };
        *self.remover.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(remove));
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Watch for Progress {
    fn stage(&self, what: &str, total: u64) {
        self.bar.reset();
        self.bar.set_message(what.to_string());
        self.bar.set_length(total);
        self.bar.set_style(style(total));
        self.bar.tick();
    }

    fn advance(&self, patients: u64) {
        self.bar.inc(patients);
    }

    fn cancelled(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

/// Who is simulated, how many are done, how fast, how long it will take; a stage without patients has a name alone.
fn style(total: u64) -> ProgressStyle {
    let template = if total > 0 { "{msg:20!} {wide_bar} {pos}/{len} patients{pace}" } else { "{msg}" };
    ProgressStyle::with_template(template).expect("the template is right").with_key("pace", pace)
}

/// `  213.4 per second, 5s left`, once that can be said.
fn pace(state: &ProgressState, out: &mut dyn Write) {
    if state.pos() > 0 {
        // A terminal that does not take the text is told nothing.
        let _ = write!(out, "  {:.1} per second, {:#} left", state.per_sec(), HumanDuration(state.eta()));
    }
}

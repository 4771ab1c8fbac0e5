//! stub
use super::answer::Answer;
/// page
pub fn page(_found: &Answer, _command: &str) -> String {
    String::new()
}

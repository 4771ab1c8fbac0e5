use super::Found; pub fn page(_found: &Found) -> String { String::new() }

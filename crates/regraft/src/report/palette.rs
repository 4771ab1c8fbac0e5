//! The colours, once: written into the page as variables and judged by the tests for contrast.

use std::fmt::Write;

/// One colour by day, by night and on paper.
pub struct Colour {
    /// Name of the variable, without the dashes.
    pub name: &'static str,
    /// On a light page.
    pub light: &'static str,
    /// On a dark page.
    pub dark: &'static str,
    /// In print.
    pub print: &'static str,
}

const fn colour(name: &'static str, light: &'static str, dark: &'static str, print: &'static str) -> Colour {
    Colour { name, light, dark, print }
}

/// Every colour of the page; see `docs` of the visual language for the roles.
pub const PALETTE: [Colour; 23] = [
    colour("paper", "#ffffff", "#14161a", "#ffffff"),
    colour("wash", "#f5f6f8", "#1c1f25", "#f4f4f4"),
    colour("ink", "#17191e", "#eceef2", "#000000"),
    colour("ink2", "#4b515c", "#b9bfc9", "#333333"),
    colour("ink3", "#666d78", "#949ba7", "#595959"),
    colour("rule", "#d5d9df", "#383d46", "#bbbbbb"),
    colour("grid", "#eaecf0", "#24282f", "#e4e4e4"),
    colour("arm1", "#1b5faa", "#79b3f4", "#1b5faa"),
    colour("arm1-tone", "#9dbfe3", "#38608f", "#9dbfe3"),
    colour("arm2", "#b4500f", "#f0a05a", "#b4500f"),
    colour("arm2-tone", "#e6b795", "#84512a", "#e6b795"),
    colour("arm3", "#0a7d5a", "#4cc9a0", "#0a7d5a"),
    colour("arm3-tone", "#93cdb9", "#2a6e58", "#93cdb9"),
    colour("arm4", "#8a4a97", "#cf9bdc", "#8a4a97"),
    colour("arm4-tone", "#cbaed2", "#6d4c76", "#cbaed2"),
    colour("part1", "#33383f", "#e3e6eb", "#33383f"),
    colour("part2", "#8b929d", "#8d94a0", "#8b929d"),
    colour("part3", "#cfd3da", "#4b515c", "#cfd3da"),
    colour("part4", "#eceef1", "#2b3037", "#eceef1"),
    colour("part1-text", "#ffffff", "#14161a", "#ffffff"),
    colour("part2-text", "#101216", "#0d0f12", "#000000"),
    colour("part3-text", "#17191e", "#eceef2", "#000000"),
    colour("part4-text", "#17191e", "#eceef2", "#000000"),
];

/// The style rules that give the variables their values.
pub fn rules() -> String {
    let mut css = String::from(":root{--band-trial:.11;--band-error:.24");
    write_colours(&mut css, |colour| colour.light);
    css.push_str("}\n@media (prefers-color-scheme:dark){:root{--band-trial:.16;--band-error:.30");
    write_colours(&mut css, |colour| colour.dark);
    css.push_str("}}\n@media print{:root{--band-trial:.11;--band-error:.24");
    write_colours(&mut css, |colour| colour.print);
    css.push_str("}}\n");
    css
}

fn write_colours(css: &mut String, pick: fn(&Colour) -> &'static str) {
    for colour in &PALETTE {
        write!(css, ";--{}:{}", colour.name, pick(colour)).expect("a String takes every write");
    }
}

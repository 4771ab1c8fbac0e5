//! Endpoint cards moved to the day of a row.

use regraft_trial::Cards;
use regraft_trial::endpoint::{Endpoint, EndpointKind, EventRule};
use regraft_trial::name::Name;

use super::map::{Target, Window};

/// Days by which an event at a visit may stand apart from it.
pub(super) const AT_VISIT: f64 = 3.0;

/// First visit at which an event counts that may come at any visit. Chosen: what is seen on the day of the treatment is
/// no effect of it.
const FIRST_VISIT: f64 = 14.0;

/// Ids of a target's endpoints, moved to its day.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ids {
    pub own: String,
    pub less: Option<String>,
    pub among: Option<String>,
    pub entry: Option<String>,
}

impl Ids {
    pub fn all(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.own).chain(&self.less).chain(&self.among).chain(&self.entry)
    }
}

/// Puts the endpoints of a target into the cards, moved to its day; gives their ids.
pub(super) fn moved_endpoints(cards: &mut Cards, target: &Target) -> Result<Ids, String> {
    let mut put = |id: &str, day: f64, window: Window| -> Result<String, String> {
        let Some(card) = cards.endpoints.get(id) else {
            return Err(format!("the vocabulary names no endpoint of the library: `{id}`"));
        };
        let card = moved(card, day, window);
        let id = card.id.text.clone();
        cards.endpoints.insert(id.clone(), card);
        Ok(id)
    };
    let own = put(&target.endpoint, target.day, target.window)?;
    let less = target.less.as_deref().map(|less| put(less, target.day, target.window)).transpose()?;
    let among = target.among.as_ref().map(|among| match among.day {
        Some(day) => put(&among.endpoint, day, Window::At),
        None => put(&among.endpoint, target.day, Window::Fixed),
    });
    let among = among.transpose()?;
    let entry = value_behind(cards, &own);
    Ok(Ids { own, less, among, entry })
}

/// Puts the value whose change an endpoint reads beside it; gives its id. None where no change is read.
fn value_behind(cards: &mut Cards, id: &str) -> Option<String> {
    let card = cards.endpoints.get(id)?;
    let EndpointKind::Change { of } = &card.kind else { return None };
    let mut value = card.clone();
    value.kind = EndpointKind::Mean { of: of.clone() };
    value.id = Name { text: format!("{id}_value"), span: card.id.span };
    let name = value.id.text.clone();
    cards.endpoints.insert(name.clone(), value);
    Some(name)
}

/// The endpoint on a day.
fn moved(card: &Endpoint, day: f64, window: Window) -> Endpoint {
    let mut card = card.clone();
    let at_visit = window == Window::At;
    let move_rules = |rules: &mut Vec<EventRule>| match window {
        Window::At => rules.iter_mut().for_each(|rule| rule.earliest_day = (day - AT_VISIT).max(0.0)),
        Window::Ever => rules.iter_mut().for_each(|rule| rule.earliest_day = FIRST_VISIT.min(day - 1.0)),
        Window::Fixed => {}
        _ => rules.iter_mut().for_each(|rule| rule.earliest_day = rule.earliest_day.min(day - 1.0)),
    };
    match &mut card.kind {
        EndpointKind::Proportion { events, by_day } => {
            move_rules(events);
            if window != Window::Fixed {
                *by_day = Some(if at_visit { day + AT_VISIT } else { day + 1.0 });
            }
        }
        EndpointKind::TimeToEvent { events, .. } if at_visit => move_rules(events),
        EndpointKind::AnnualRate { from_day, to_day, .. } if window != Window::Fixed => {
            *from_day = 0.0;
            *to_day = Some(day);
        }
        _ => {}
    }
    let way = match window {
        Window::At => "_at_",
        Window::Ever => "_ever_by_",
        Window::Fixed => "_of_",
        _ => "_on_",
    };
    let tag = format!("{}{way}{}", card.id.text, format!("{day:.1}").replace(['.', '-'], "_"));
    card.id = Name { text: tag, span: card.id.span };
    card
}

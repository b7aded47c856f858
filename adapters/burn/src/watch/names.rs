//! The names of sites: those of their layers, or made from what they read.

use diagnostics::{InputRole, SiteInput};

use super::place::Place;
use super::tape::Tape;

impl Tape {
    /// The name of a place: the stated one, that of the layer of its weight, or one made from what it reads.
    pub(super) fn name(&self, place: &Place, inputs: &[SiteInput]) -> String {
        if let Some(name) = &place.name {
            return name.clone();
        }
        let id = place.weight.as_ref().map(|weight| weight.id).or(place.bias);
        if let Some(path) = id.and_then(|id| self.names.get(&id)) {
            return parent(path).unwrap_or(path).to_owned();
        }
        let what = place.function.map_or(place.kind.name(), |function| function.name());
        let branch = inputs.iter().find(|input| input.role == Some(InputRole::Branch));
        if let Some(branch) = branch {
            let branch = self.layer_of(branch.site);
            return format!("{} (residual sum)", parent(branch).unwrap_or(branch));
        }
        match inputs.first() {
            Some(first) => format!("{}.{what}", self.sites[first.site].site.name),
            None => what.to_owned(),
        }
    }

    /// The name of the last site with a parameter on the way to a site.
    fn layer_of(&self, mut at: usize) -> &str {
        while self.sites[at].place.weight.is_none() {
            match self.sites[at].site.inputs.first() {
                Some(input) => at = input.site,
                None => break,
            }
        }
        &self.sites[at].site.name
    }

    pub(super) fn unique(&self, name: String) -> String {
        let taken = |name: &String| self.sites.iter().any(|taped| taped.site.name == *name);
        if !taken(&name) {
            return name;
        }
        (2..).map(|number| format!("{name} #{number}")).find(|name| !taken(name)).unwrap_or(name)
    }
}

/// The path without its last part.
pub(super) fn parent(path: &str) -> Option<&str> {
    path.rsplit_once('.').map(|(parent, _)| parent)
}

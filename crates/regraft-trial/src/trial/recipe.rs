//! What is drawn for the patients of a trial.

use regraft_model::Diagnostic;

use super::Trial;
use crate::cohort::{Recipe, drug_column, product_column};
use crate::quantity::{Setting, SettingValue};

impl Recipe {
    /// Everything that is drawn for the patients of a trial: the population's traits, then those of
    /// the products, then those of the drugs.
    ///
    /// # Errors
    /// A diagnostic where the correlations cannot hold together.
    pub fn of(trial: &Trial) -> Result<Recipe, Diagnostic> {
        let mut recipe = Recipe::of_population(&trial.population)?;
        for product in trial.arms.iter().filter_map(|arm| arm.product.as_ref()) {
            for one in &product.traits {
                recipe.add(product_column(&product.id.text, &one.name.text), &one.unit, &one.distribution);
            }
        }
        for (id, drug) in &trial.drugs {
            recipe.add_drawn(id, &drug.parameters);
            for constant in drug.constants() {
                if let SettingValue::PerPatient(drawn) = &constant.value {
                    recipe.add(drug_column(id, &constant.name), &drawn.unit, &drawn.distribution);
                }
            }
        }
        Ok(recipe)
    }

    fn add_drawn(&mut self, drug: &str, parameters: &[Setting]) {
        for setting in parameters {
            if let SettingValue::PerPatient(drawn) = &setting.value {
                self.add(drug_column(drug, &setting.target.text), &drawn.unit, &drawn.distribution);
            }
        }
    }
}

#!/bin/sh
# Draws the figures of all catalogue pages: sh docs/catalogue/figures.sh RUNS, from the root of the repository.
# RUNS holds a finished run of each trial named below, in a folder of the trial's name, with 1,000 patients and seed 1:
#     for trial in library/trials/*.toml; do id=$(basename $trial .toml); regraft run $id --doubt 0 --out RUNS/$id; done
set -e
runs=$1
only=$2 # a page, where not all are wanted
python=${PYTHON:-python3}

# figure PAGE "TITLE" "TRIAL …" --panel …
figure() {
  page=$1 title=$2 trials=$3
  shift 3
  [ -z "$only" ] || [ "$only" = "$page" ] || return 0
  folders=""
  for trial in $trials; do folders="$folders $runs/$trial"; done
  $python docs/catalogue/figure.py $folders --out "docs/images/catalogue/$page.png" --title "$title" "$@"
}

figure healthy "A healthy person clears an infection, remembers it, and stays well" healthy_infection \
  --panel "pathogen_load title='Pathogen, first exposure' unit='copies/mL, 150 is the limit of the laboratory' log from=0 to=14 arms=exposed" \
  --panel "pathogen_load title='Pathogen, second exposure a year later' unit='copies/mL, same axis' log from=365 to=379 low=130 high=300000 arms=exposed time=days" \
  --panel "symptoms_mean title='Symptoms after the first exposure' unit='points, 0 to 10' from=0 to=21" \
  --panel "specific_t_cells title='Effector T cells against the pathogen' unit='million, whole body' log from=0 to=393 arms=exposed time=weeks" \
  --panel "cd4 title='CD4 T cells stay where they were (both arms alike)' unit='per µL'" \
  --panel "secondary_autoimmunity title='New autoimmune disease (both arms alike)' high=10"

figure celiac "Celiac disease heals on the diet, in years; refractory disease of type II does not" \
  "celiac_gluten_free_diet gidrewicz_2017_high rcd2_natural_history tack_2011_cladribine tack_2011_ahsct" \
  --panel "mucosal_recovery run=celiac_gluten_free_diet title='Adults: villi recovered'" \
  --panel "ttg_score run=celiac_gluten_free_diet title='Adults: antibody against transglutaminase' unit='times the upper limit of normal' log" \
  --panel "marsh_mean run=celiac_gluten_free_diet title='Adults: Marsh grade' unit='grade, 3a to 3c as 3 to 5'" \
  --panel "aberrant_cells_mean run=tack_2011_cladribine title='Refractory type II: aberrant lymphocytes' unit='% of those in the epithelium'" \
  --panel "survival_refractory_celiac run=rcd2_natural_history title='Refractory type II on the diet: survival' label='alive, %'" \
  --panel "celiac_lymphoma run=rcd2_natural_history title='Refractory type II on the diet: lymphoma'" \
  --panel "survival_refractory_celiac run=tack_2011_cladribine title='Refractory type II: survival with cladribine' label='alive, %'" \
  --panel "survival_refractory_celiac run=tack_2011_ahsct title='Refractory type II, cladribine failed: survival' label='alive, %'"

figure atopic_dermatitis "Atopic dermatitis: less without type 2 cytokines; stromal cells as far as an open trial can tell" \
  "dupilumab_atopic kim_2017 atopic_usual_care" \
  --panel "easi_mean run=dupilumab_atopic title='EASI, dupilumab or placebo'" \
  --panel "itch_mean run=dupilumab_atopic title='Itch'" \
  --panel "easi50_week_12 run=kim_2017 arms=high,none,low title='EASI halved at week 12'" \
  --panel "scorad_percent_mean run=kim_2017 arms=high,none title='SCORAD' unit='per cent of entry'" \
  --panel "easi_mean run=atopic_usual_care arms=steroid,emollient,none title='EASI with and without skin care'" \
  --panel "ige run=dupilumab_atopic title='Total IgE' unit='kU/L' log"

figure crohn_luminal "Crohn's disease comes back: after a steroid, after antibodies, after a transplant" \
  "crohn_natural_course charm steroid_taper_crohn burt_crohn_2010" \
  --panel "cdai_mean run=crohn_natural_course title='CDAI, untreated and after 12 weeks of prednisone' time=weeks to=730" \
  --panel "cdai_mean run=charm title='CDAI with and without further adalimumab'" \
  --panel "prednisone_dose_mean run=steroid_taper_crohn title='Prednisone under the taper rules' unit='mg a day'" \
  --panel "crohn_relapse_free_survival run=burt_crohn_2010"

figure crohn_fistula "A procedure heals a third of tracts; cells add what their prior allows" "admire_cd accent_2" \
  --panel "combined_remission_week_24 run=admire_cd" \
  --panel "drainage_mean run=admire_cd unit='%'" \
  --panel "loss_of_fistula_response run=accent_2 title='Response kept, of responders at week 14'" \
  --panel "drainage_mean run=accent_2 unit='%'"

figure graves "Half of the patients relapse after a course of methimazole" \
  "azizi_2019_long_term graves_methimazole_18_months laurberg_2008" \
  --panel "graves_relapse run=azizi_2019_long_term title='Relapse after 18 months of methimazole'" \
  --panel "ft4_mean run=graves_methimazole_18_months" \
  --panel "trab_mean run=laurberg_2008" \
  --panel "tsh run=graves_methimazole_18_months title='TSH' unit='mU/L' log arms=methimazole"

figure multiple_sclerosis_relapsing "Treatments of relapsing multiple sclerosis" "mist affirm care_ms_i clarity" \
  --panel "progression_mist run=mist" --panel "relapse run=affirm" --panel "relapse run=care_ms_i" \
  --panel "progression_12_weeks run=clarity title='Progression sustained for 12 weeks'"

figure multiple_sclerosis_primary_progressive "Ocrelizumab slows primary progressive disease" oratorio \
  --panel "progression_12_weeks_progressive" --panel "progression_24_weeks_progressive" \
  --panel "edss_mean unit=' '" --panel "cd19 title='B cells' unit='per µL'"

figure multiple_sclerosis_secondary_progressive "Disability goes on where relapses end" "expand promess progressive_ahsct" \
  --panel "progression_12_weeks_progressive run=expand" --panel "progression_24_weeks_progressive run=promess" \
  --panel "progression_24_weeks_progressive run=progressive_ahsct" --panel "edss_mean run=progressive_ahsct"

figure rheumatoid_arthritis "Two drugs together do more than either, and spare the joints" "premier van_de_putte verburg_ahsct" \
  --panel "das28_mean run=premier" --panel "sharp_score_mean run=premier" \
  --panel "acr20_week_12 run=van_de_putte" --panel "das28_mean run=verburg_ahsct"

figure systemic_lupus "Lupus: belimumab, prednisone stopped, mycophenolate, stromal cells and a transplant" \
  "bliss_52 corticolup lunar wang_2014 burt_2006_lupus" \
  --panel "sledai_response_week_52 run=bliss_52" --panel "flare_lupus run=corticolup" \
  --panel "proteinuria run=lunar title='Protein in urine' unit='g/day'" --panel "renal_response_week_52 run=lunar" \
  --panel "major_response_lupus run=wang_2014" --panel "disease_free_survival_lupus run=burt_2006_lupus"

figure systemic_sclerosis "Transplant harms early and helps later" astis \
  --panel "event_free_survival_sclerosis" --panel "death title='Survival' label='alive, %'" --panel "mrss_mean" --panel "fvc_mean"

figure type_1_diabetes "C-peptide is lost on insulin alone, and lasts for years after a transplant" \
  "trialnet_natural_history abate_teplizumab couri_2009" \
  --panel "insulin_dose_mean run=trialnet_natural_history title='Insulin dose on insulin alone'" \
  --panel "c_peptide_change run=abate_teplizumab title='Change of C-peptide, teplizumab'" \
  --panel "c_peptide_mean run=couri_2009 title='C-peptide after a transplant' to=1865" \
  --panel "insulin_resumed run=couri_2009 title='Insulin needed again after a transplant' arms=hsct"

figure severe_combined_immunodeficiency "Severe combined immunodeficiency, grafted by 3.5 months" scid_newborn \
  --panel "survival_since_graft arms=sibling,parent,parent_conditioned,no_graft label='alive, %'" \
  --panel "cd4 arms=sibling,parent,parent_conditioned title='CD4 cells' unit='per µL' log" \
  --panel "t_cell_chimerism arms=sibling,parent,parent_conditioned title='Donor share of T cells' unit='%'" \
  --panel "myeloid_chimerism arms=sibling,parent,parent_conditioned title='Donor share of myeloid cells' unit='%'"

figure chronic_granulomatous_disease "Transplants in chronic granulomatous disease" granulomatous_disease_transplant \
  --panel "survival_since_graft arms=sibling,unrelated,unrelated_alemtuzumab,no_transplant label='alive, %'" --panel "infection_any arms=sibling,unrelated,unrelated_alemtuzumab,no_transplant" \
  --panel "myeloid_chimerism arms=sibling,unrelated,unrelated_alemtuzumab title='Donor share of myeloid cells' unit='%'" \
  --panel "chronic_gvhd arms=sibling,unrelated,unrelated_alemtuzumab"

figure wiskott_aldrich_syndrome "Transplants in Wiskott-Aldrich syndrome" wiskott_aldrich_transplant \
  --panel "survival_since_graft arms=sibling,unrelated,cord,no_transplant label='alive, %'" --panel "platelets arms=sibling,unrelated,cord,no_transplant title='Platelets' unit='G/L'" \
  --panel "myeloid_chimerism arms=sibling,unrelated,cord title='Donor share of myeloid cells' unit='%'" \
  --panel "acute_gvhd_2_4 arms=sibling,unrelated,cord"

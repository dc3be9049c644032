// Package forms_test holds the shipped forms to the loader, and to what the procedures ask of them.
package forms_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"datmui/blocks/forms"
)

// wanted lists, for each form, the names that procedures, fees and papers use.
// law: public-services.md 12.1 — the fields a screen needs.
var wanted = map[string][]string{
	"fs-1-birth": {"child_surname", "child_middle", "child_given", "child_sex", "child_birth_date", "child_birth_place", "child_hometown",
		"child_ethnicity", "child_nationality", "mother_name", "mother_birth_year", "mother_ethnicity", "mother_nationality", "mother_residence",
		"mother_id", "father_name", "father_birth_year", "father_ethnicity", "father_nationality", "father_residence", "father_id",
		"birth_proof_kind", "birth_proof_number", "birth_proof_issuer", "abandoned", "surrogacy", "copies"},
	"fs-2-death": {"deceased_name", "deceased_birth_date", "deceased_sex", "deceased_ethnicity", "deceased_nationality", "deceased_last_residence",
		"deceased_id", "death_date", "death_time", "death_place", "death_cause", "death_notice_number", "death_notice_issuer", "death_notice_date", "long_ago"},
	"fs-4-marital": {"subject_name", "subject_birth_date", "subject_sex", "subject_ethnicity", "subject_nationality", "subject_id", "subject_residence", "marital_state", "register_number", "register_date",
		"register_agency", "purpose", "spouse_name", "reissue", "copies"},
	"fs-4-extract":   {"event", "subject_name", "subject_birth_date", "register_number", "register_date", "register_agency", "purpose", "copies"},
	"fs-5-copy":      {"document_kind", "pages", "copies", "language", "book_number"},
	"fs-5-signature": {"document_kind", "cases", "copies", "language", "signers", "book_number"},
	"fs-7-household": {"business_name", "business_address", "business_phone", "sector_main", "sectors_other", "capital", "owner_name", "members",
		"tax_method", "headcount", "start_date", "beneficial_owners", "family_household"},
	"fs-8-construction": {"investor_name", "parcel", "map_sheet", "works_address", "land_area", "works_class", "works_kind", "floors", "built_area",
		"height", "setback", "density", "designer_licence", "duration_months"},
	"fs-9-vessel": {"vessel_owner", "co_owners", "vessel_name", "vessel_number", "length_overall", "breadth", "draught", "hull_material", "engine_make",
		"engine_number", "engine_power", "gear_main", "gear_secondary", "build_place", "build_year", "fishing_zone", "crew", "vms_serial", "home_port"},
	"fs-9-licence": {"licence_kind", "vessel_owner", "vessel_number", "length_overall", "gear_main", "gear_secondary", "fishing_zone", "crew", "vms_serial", "home_port"},
	"fs-10-parcel": {"land_user", "co_users", "parcel", "map_sheet", "parcel_address", "area", "use_purpose", "use_term", "use_origin", "title_number",
		"title_serial", "change_content", "price", "contract_number", "contract_date", "mortgage", "tax_declared", "special_case", "authority_document"},
	"fs-11-farm": {"facility_name", "owner_name", "vn2000_x", "vn2000_y", "wgs84_lat", "wgs84_lon", "area", "species", "density", "season",
		"water_source", "water_discharge", "capacity", "self_assessment"},
	"fs-1-recognition": {"child_surname", "child_given", "child_birth_date", "mother_name", "father_declared", "birth_proof_kind", "recognised", "recognised_name"},
	"fs-1-again":       {"child_surname", "child_given", "child_birth_date", "mother_name", "register_agency", "register_number", "kept_papers"},
	"fs-1-papers":      {"child_surname", "child_given", "child_birth_date", "mother_name", "papers_held"},
	"fs-3-marriage": {"wife_name", "wife_birth_date", "wife_ethnicity", "wife_nationality", "wife_residence", "wife_id", "wife_marriage_count",
		"husband_name", "husband_birth_date", "husband_ethnicity", "husband_nationality", "husband_residence", "husband_id", "husband_marriage_count",
		"marriage_place", "planned_date"},
	"fs-4-confirm":       {"subject_name", "event", "register_number", "register_date", "register_agency", "purpose", "events"},
	"fs-4-change":        {"subject_name", "event", "register_number", "register_date", "register_agency", "change_kind", "was", "will", "reason"},
	"fs-4-parent":        {"parent_name", "child_name", "proof_kind", "witness1_name", "witness2_name"},
	"fs-4-guardian":      {"guardian_name", "ward_name", "reason"},
	"fs-4-register-copy": {"subject_name", "document_kind", "document_number", "document_date", "copies"},
	"fs-4-adoption":      {"adopter_name", "adopted_name", "fee_group"},
	"fs-5-deal":          {"deal_kind", "asset", "parties", "deals", "language", "book_number"},
	"fs-6-dwelling":      {"subject_name", "household_head", "household_relation", "dwelling_address", "dwelling_area", "dwelling_owner", "content"},
	"fs-7-change":        {"business_name", "business_code", "owner_name", "change_kind", "change_was", "change_will", "change_date"},
	"fs-7-end":           {"business_name", "business_code", "owner_name", "end_date"},
	"fs-7-cooperative":   {"business_name", "business_address", "business_phone", "sector_main", "capital", "owner_name", "members_count"},
	"fs-7-transport":     {"business_name", "business_address", "business_phone", "owner_name", "vehicles", "manager_name", "manager_diploma"},
	"fs-7-gas":           {"business_name", "owner_name", "shop_name", "shop_address", "shop_area"},
	"fs-7-lodging":       {"business_name", "owner_name", "facility_name", "rooms", "stars", "headcount", "self_assessment"},
	"fs-8-repair": {"investor_name", "parcel", "map_sheet", "works_address", "land_area", "works_class", "works_kind", "floors", "built_area",
		"height", "repair_content", "designer_licence", "duration_months"},
	"fs-8-special": {"investor_name", "parcel", "map_sheet", "works_address", "land_area", "works_class", "floors", "built_area", "height", "setback",
		"density", "designer_licence", "duration_months"},
	"fs-9-reissue":    {"vessel_owner", "vessel_number", "vessel_name", "length_overall", "reissue_reason"},
	"fs-9-deregister": {"vessel_owner", "vessel_number", "length_overall", "deregister_reason"},
	"fs-9-approval":   {"vessel_owner", "plan_kind", "length_overall", "engine_power", "gear_main", "build_place"},
	"fs-9-catch":      {"vessel_owner", "vessel_number", "port_name", "landing_date", "landing_receipt", "catches", "tonnes"},
	"fs-9-origin":     {"exporter_name", "market", "statement_number", "product", "tonnes"},
	"fs-9-port":       {"port_name", "port_address", "port_manager", "water_area", "largest_vessel"},
	"fs-9-inland":     {"vessel_owner", "vessel_name", "length_overall", "breadth", "hull_material", "engine_make", "engine_number", "engine_power", "build_place", "build_year"},
	"fs-9-landing":    {"landing_name", "landing_address", "landing_owner", "landing_use", "largest_vessel"},
	"fs-10-change": {"land_user", "co_users", "parcel", "map_sheet", "parcel_address", "area", "use_purpose", "use_term", "use_origin", "title_number",
		"title_serial", "change_content", "price", "contract_number", "contract_date", "mortgage", "tax_declared", "limit_case", "survey_asked"},
	"fs-10-title": {"land_user", "co_users", "parcel", "map_sheet", "parcel_address", "area", "use_purpose", "use_term", "use_origin", "title_number",
		"title_serial", "change_content", "reason", "limit_case", "survey_asked"},
	"fs-10-first":       {"land_user", "parcel", "map_sheet", "parcel_address", "area", "use_purpose", "use_term", "use_origin", "limit_case"},
	"fs-10-mediation":   {"parcel", "parcel_address", "other_name", "dispute"},
	"fs-11-eligible":    {"facility_name", "owner_name", "vn2000_x", "wgs84_lat", "area", "species", "capacity", "self_assessment"},
	"fs-11-sea":         {"owner_name", "sea_place", "sea_area", "corner_points", "sea_term", "species", "livelihood"},
	"fs-11-irrigation":  {"owner_name", "irrigation_works", "facility_address", "area", "species", "season", "water_discharge"},
	"fs-11-quarantine":  {"owner_name", "species", "quantity", "destination", "vehicle", "departure"},
	"fs-11-food":        {"facility_name", "owner_name", "products", "capacity", "self_assessment"},
	"fs-11-groundwater": {"owner_name", "facility_address", "wells", "depth", "flow", "water_use"},
	"fs-11-environment": {"facility_name", "owner_name", "vn2000_x", "project_kind", "capacity", "test_run", "waste_water", "waste_solid"},
	"fs-11-livestock":   {"facility_name", "owner_name", "animals", "heads", "area", "water_discharge", "self_assessment"},
	"fs-12-record":      {"subject_name", "record_kind", "purpose", "residences", "fee_group"},
	"fs-13-allowance":   {"subject_name", "social_group", "disability", "household_income", "carer_name", "payee_name", "pay_way", "bank_account"},
	"fs-13-funeral":     {"deceased_name", "death_date", "social_group", "organiser_name", "payee_name", "pay_way", "bank_account"},
	"fs-13-poor":        {"household_head", "household_size", "household_income", "wish", "reason"},
	"linked-birth": {"child_surname", "child_given", "child_sex", "child_birth_date", "child_birth_place", "child_hometown", "child_ethnicity", "child_nationality",
		"mother_name", "mother_birth_year", "father_name", "birth_proof_kind", "birth_proof_number", "copies", "dwelling_address", "household_head", "household_relation",
		"dwelling_consent", "dwelling_proof_kind", "first_clinic"},
	"linked-residence": {"child_surname", "child_given", "child_birth_date", "dwelling_address", "household_head", "household_relation", "dwelling_consent", "dwelling_proof_kind"},
	"linked-insurance": {"child_surname", "child_given", "child_birth_date", "dwelling_address", "first_clinic"},
	"fs-13-volunteer":  {"subject_name", "harm_date", "harm_place", "harm_text", "costs", "payee_name", "pay_way", "bank_account"},
}

// common is the block that all forms share; the channel is the dossier's own.
var common = []string{"requester_name", "requester_id", "requester_birth_date", "requester_sex", "requester_phone", "requester_email",
	"requester_unit", "requester_residence", "relationship", "authorised", "return_way", "pledge"}

func TestShippedFormsAskWhatTheLawLists(t *testing.T) {
	defs, err := forms.Load(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]*forms.Form{}
	for _, d := range defs {
		found[d.ID] = forms.NewForm(d, nil, time.Now)
	}
	if len(found) != len(wanted) {
		t.Errorf("%d forms, %d listed", len(found), len(wanted))
	}
	for id, names := range wanted {
		f, ok := found[id]
		if !ok {
			t.Errorf("there is no form %s", id)
			continue
		}
		for _, n := range append(names, common...) {
			if _, ok := f.Question(n); !ok {
				t.Errorf("%s does not ask for %s", id, n)
			}
		}
	}
}

func TestShippedFormsSurviveTheDatabase(t *testing.T) {
	defs, err := forms.Load(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range defs {
		raw, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		back, err := forms.ParseDefinition(raw, forms.Common{})
		if err != nil {
			t.Errorf("%s: %v", d.ID, err)
			continue
		}
		one, two := forms.NewForm(d, nil, time.Now), forms.NewForm(back, nil, time.Now)
		if a, b := len(one.Steps(forms.Answers{})), len(two.Steps(forms.Answers{})); a != b || a == 0 {
			t.Errorf("%s: %d pages, %d after storing", d.ID, a, b)
		}
	}
}

func TestConditionsOfTheVesselForm(t *testing.T) {
	defs, err := forms.Load(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range defs {
		if d.ID != "fs-9-vessel" {
			continue
		}
		f := forms.NewForm(d, nil, time.Now)
		for length, want := range map[string]bool{"11.9": false, "12": false, "15": true} {
			if _, asked := f.Step(forms.Answers{"length_overall": length}, "vms-serial"); asked != want {
				t.Errorf("%s m: the monitoring device is asked for: %v", length, asked)
			}
		}
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "web/label.h"

struct label {
    const char *text, *look;
};

/* ---- States ---- */

static const struct label user_states[] = {
        [USER_INVITED] = {W_C("invited"), ""},
        [USER_ACTIVE] = {W_C("active"), "good"},
        [USER_LOCKED] = {W_C("locked"), "bad"},
        [USER_CLOSED] = {W_C("closed"), "off"},
};

static const struct label organisation_states[] = {
        [ORGANISATION_PROPOSED] = {W_C("proposed"), ""},
        [ORGANISATION_ACTIVE] = {W_C("active"), "good"},
        [ORGANISATION_SUSPENDED] = {W_C("suspended"), "warn"},
        [ORGANISATION_CLOSED] = {W_C("closed"), "off"},
};

static const struct label import_states[] = {
        [IMPORT_RUNNING] = {W_C("running"), ""},
        [IMPORT_DONE] = {W_C("done"), "good"},
        [IMPORT_UNDONE] = {W_C("undone"), "off"},
        [IMPORT_FAILED] = {W_C("failed"), "bad"},
};

static void write_state(struct ask *ask, const char *word, const struct label *label)
{
    json_write_key_text(&ask->json, S("state"), slice_of(word));
    json_write_key_text(&ask->json, S("state_text"), ask_text(ask, slice_of(label->text)));
    json_write_key_text(&ask->json, S("look"), slice_of(label->look));
}

void label_user_state(struct ask *ask, enum user_state state)
{
    write_state(ask, store_user_state_name(state), &user_states[state]);
}

void label_organisation_state(struct ask *ask, enum organisation_state state)
{
    write_state(ask, store_organisation_state_name(state), &organisation_states[state]);
}

void label_import_state(struct ask *ask, enum import_state state)
{
    write_state(ask, store_import_state_name(state), &import_states[state]);
}

/* ---- Organisations ---- */

static const char *const relations[] = {
        [RELATION_OWN] = W_C("our own"),
        [RELATION_CONSTITUENT] = W_C("constituent"),
        [RELATION_PARTNER] = W_C("partner"),
        [RELATION_OTHER] = W_C("other"),
};

void label_relation(struct ask *ask, enum organisation_relation relation)
{
    json_write_key_text(&ask->json, S("relation"), slice_of(store_relation_name(relation)));
    json_write_key_text(&ask->json, S("relation_text"), ask_text(ask, slice_of(relations[relation])));
}

/* ---- Roles ---- */

static const char *const roles_text[ROLES] = {
        [ROLE_DUTY_OFFICER] = W_C("Duty officer"),
        [ROLE_ANALYST] = W_C("Analyst"),
        [ROLE_COORDINATOR] = W_C("Coordinator"),
        [ROLE_MANAGER] = W_C("Manager"),
        [ROLE_LIAISON] = W_C("Liaison"),
        [ROLE_CONSTITUENT_ADMIN] = W_C("Constituent's administrator"),
        [ROLE_EXERCISE_DIRECTOR] = W_C("Exercise director"),
        [ROLE_SYSADMIN] = W_C("System administrator"),
        [ROLE_AUDITOR] = W_C("Auditor"),
        [ROLE_LOCAL] = W_C("On the machine itself"),
};

static void begin_role(struct ask *ask, enum role role)
{
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("name"), slice_of(store_role_name(role)));
    json_write_key_text(&ask->json, S("text"), ask_text(ask, slice_of(roles_text[role])));
}

void label_roles(struct ask *ask, slice key, uint32_t roles)
{
    json_write_key(&ask->json, key);
    json_write_array(&ask->json);
    for (enum role role = 0; role < ROLES; role++)
        if ((roles >> role & 1) != 0) {
            begin_role(ask, role);
            json_write_end(&ask->json);
        }
    json_write_end(&ask->json);
}

void label_all_roles(struct ask *ask, slice key, uint32_t chosen)
{
    json_write_key(&ask->json, key);
    json_write_array(&ask->json);
    for (enum role role = 0; role < ROLE_LOCAL; role++) {
        begin_role(ask, role);
        json_write_key(&ask->json, S("chosen"));
        json_write_bool(&ask->json, (chosen >> role & 1) != 0);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

/* ---- Scopes ---- */

static const struct {
    enum scope scope;
    const char *about;
} scopes[] = {
        {SCOPE_READ, W_C("see what you see")},
        {SCOPE_WRITE, W_C("change what you may change")},
        {SCOPE_TAXII, W_C("TAXII collections that are open to you")},
        {SCOPE_MATCH, W_C("the index of indicators and its changes")},
        {SCOPE_METRICS, W_C("how the node does, for monitoring")},
        {SCOPE_EVENTS, W_C("events of your sensors, sent in")},
};

void label_all_scopes(struct ask *ask, slice key)
{
    json_write_key(&ask->json, key);
    json_write_array(&ask->json);
    for (size_t i = 0; i < COUNT_OF(scopes); i++) {
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("name"), store_scopes_name(scopes[i].scope, ask->arena));
        json_write_key_text(&ask->json, S("about"), ask_text(ask, slice_of(scopes[i].about)));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

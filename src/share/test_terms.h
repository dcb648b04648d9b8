/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* For tests of this folder: terms between two invented nodes. */

#define TEST_NODE_A "identity--6b616c61-0000-4000-8000-00000000000a"
#define TEST_NODE_B "identity--6b616c61-0000-4000-8000-00000000000b"
#define TEST_PARTIES                                                                                                   \
    "\"parties\":[{\"country\":\"ID\",\"name\":\"CERT Contoh\",\"node\":\"" TEST_NODE_A "\"},"                         \
    "{\"country\":\"GB\",\"name\":\"CERT Example\",\"node\":\"" TEST_NODE_B "\"}]"
/* All but the parties and the version. */
#define TEST_TERMS_REST                                                                                                \
    "\"after_end\":\"keep\",\"affected\":true,\"from\":\"2026-11-01T00:00:00Z\",\"highest\":\"TLP:AMBER\","            \
    "\"jurisdiction\":[{\"country\":\"GB\",\"discloses\":true}],\"kinds\":[\"indicator\",\"sighting\"],"               \
    "\"onward\":\"ask\",\"purpose\":\"Protecting hospitals\",\"residency\":[\"stays in Indonesia\"],"                  \
    "\"sightings\":true,\"unmarked\":\"TLP:AMBER\",\"until\":\"2027-12-31T23:59:59Z\""
#define TEST_TERMS "{" TEST_TERMS_REST "," TEST_PARTIES ",\"version\":1}"

# SPDX-License-Identifier: Apache-2.0
# A list of TYPE, VALUE, ID (as `simulate --intel` writes it) as one STIX 2.1 bundle of indicators, 645 bytes each or so.
BEGIN {
    FS = "\t"
    path["domain"] = "domain-name:value"
    path["ipv4"] = path["cidr"] = "ipv4-addr:value"
    path["url"] = "url:value"
    path["sha256"] = "file:hashes.'SHA-256'"
    printf "{\"type\":\"bundle\",\"id\":\"bundle--5b0a7f0c-6d1e-4c0b-9a52-0d7c1f8e4a11\",\"objects\":["
}

{
    how = $1 == "cidr" ? "ISSUBSET" : "="
    printf "%s\n{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"%s\",", NR == 1 ? "" : ",", $3
    printf "\"created_by_ref\":\"identity--9c2f5a1e-7b34-4d0f-8e6a-2f1b3c4d5e6f\",\"created\":\"2026-11-%02dT08:15:%02d.%03dZ\",",
        1 + NR % 20, NR % 60, NR % 1000
    printf "\"modified\":\"2026-11-%02dT09:30:%02d.%03dZ\",\"name\":\"Seen in drill %d\",", 1 + NR % 20, NR % 60, NR % 1000, NR
    printf "\"description\":\"Invented for a measurement; nobody has ever met it.\",\"indicator_types\":[\"malicious-activity\"],"
    printf "\"pattern\":\"[%s %s '%s']\",\"pattern_type\":\"stix\",\"valid_from\":\"2026-11-01T00:00:00Z\",", path[$1], how, $2
    printf "\"labels\":[\"drill\"],\"confidence\":%d,", NR % 101
    printf "\"object_marking_refs\":[\"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9\"]}"
}

END { printf "\n]}\n" }

/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/table.h"

/*
 * The vocabularies (open: anything else is allowed, but should not be needed) and enumerations (closed) of STIX 2.1
 * part 10, with the values of Errata 01; then those of extensions.
 */
const struct stix_vocabulary stix_vocabularies[] = {
        {"account-type-ov", "10.1", false,
                "facebook|ldap|nis|openid|radius|skype|tacacs|twitter|unix|windows-local|windows-domain|windows local|"
                "windows domain"},
        {"attack-motivation-ov", "10.2", false,
                "accidental|coercion|dominance|ideology|notoriety|organizational-gain|personal-gain|"
                "personal-satisfaction|revenge|unpredictable"},
        {"attack-resource-level-ov", "10.3", false, "individual|club|contest|team|organization|government"},
        {"encryption-algorithm-enum", "10.4", true, "AES-256-GCM|ChaCha20-Poly1305|mime-type-indicated"},
        {"extension-type-enum", "10.5", true, "new-sdo|new-sco|new-sro|property-extension|toplevel-property-extension"},
        {"grouping-context-ov", "10.6", false, "suspicious-activity|malware-analysis|unspecified"},
        {"hash-algorithm-ov", "10.7", false, "MD5|SHA-1|SHA-256|SHA-512|SHA3-256|SHA3-512|SSDEEP|TLSH"},
        {"identity-class-ov", "10.8", false, "individual|group|system|organization|class|unknown"},
        {"implementation-language-ov", "10.9", false,
                "applescript|bash|c|c++|c#|go|java|javascript|lua|objective-c|perl|php|powershell|python|ruby|rust|"
                "scala|swift|typescript|visual-basic|x86-32|x86-64"},
        {"indicator-type-ov", "10.10", false,
                "anomalous-activity|anonymization|attribution|benign|compromised|malicious-activity|unknown"},
        {"industry-sector-ov", "10.11", false,
                "agriculture|aerospace|automotive|chemical|commercial|communications|construction|dams|defense|"
                "education|emergency-services|energy|entertainment|financial-services|government|government-local|"
                "government-national|government-public-services|government-regional|healthcare|hospitality-leisure|"
                "infrastructure|insurance|legal|manufacturing|mining|non-profit|nuclear|pharmaceuticals|retail|"
                "technology|telecommunications|transportation|utilities|water"},
        {"infrastructure-type-ov", "10.12", false,
                "amplification|anonymization|botnet|command-and-control|control-system|exfiltration|firewall|"
                "hosting-malware|hosting-target-lists|phishing|reconnaissance|routers-switches|staging|workstation|"
                "unknown"},
        {"malware-capabilities-ov", "10.13", false,
                "accesses-remote-machines|anti-debugging|anti-disassembly|anti-emulation|anti-memory-forensics|"
                "anti-sandbox|anti-vm|captures-input-peripherals|captures-output-peripherals|"
                "captures-system-state-data|cleans-traces-of-infection|commits-fraud|communicates-with-c2|"
                "compromises-data-availability|compromises-data-integrity|compromises-system-availability|"
                "controls-local-machine|degrades-security-software|degrades-system-updates|determines-c2-server|"
                "emails-spam|escalates-privileges|evades-av|exfiltrates-data|fingerprints-host|hides-artifacts|"
                "hides-executing-code|infects-files|infects-remote-machines|installs-other-components|"
                "persists-after-system-reboot|prevents-artifact-access|prevents-artifact-deletion|"
                "probes-network-environment|self-modifies|steals-authentication-credentials|"
                "violates-system-operational-integrity"},
        {"malware-result-ov", "10.14", false, "malicious|suspicious|benign|unknown"},
        {"malware-type-ov", "10.15", false,
                "adware|backdoor|bot|bootkit|ddos|downloader|dropper|exploit-kit|keylogger|ransomware|"
                "remote-access-trojan|resource-exploitation|rogue-security-software|rootkit|screen-capture|spyware|"
                "trojan|unknown|virus|webshell|wiper|worm"},
        {"network-socket-address-family-enum", "10.16", true,
                "AF_UNSPEC|AF_INET|AF_IPX|AF_APPLETALK|AF_NETBIOS|AF_INET6|AF_IRDA|AF_BTH"},
        {"network-socket-type-enum", "10.17", true, "SOCK_STREAM|SOCK_DGRAM|SOCK_RAW|SOCK_RDM|SOCK_SEQPACKET"},
        {"opinion-enum", "10.18", true, "strongly-disagree|disagree|neutral|agree|strongly-agree"},
        {"pattern-type-ov", "10.19", false, "stix|pcre|sigma|snort|suricata|yara"},
        {"processor-architecture-ov", "10.20", false, "alpha|arm|ia-64|mips|powerpc|sparc|x86|x86-64"},
        {"region-ov", "10.21", false,
                "africa|eastern-africa|middle-africa|northern-africa|southern-africa|western-africa|americas|"
                "caribbean|central-america|latin-america-caribbean|northern-america|south-america|asia|central-asia|"
                "eastern-asia|southern-asia|south-eastern-asia|western-asia|europe|eastern-europe|northern-europe|"
                "southern-europe|western-europe|oceania|antarctica|australia-new-zealand|melanesia|micronesia|"
                "polynesia"},
        {"report-type-ov", "10.22", false,
                "attack-pattern|campaign|identity|incident|indicator|intrusion-set|malware|observed-data|threat-actor|"
                "threat-report|tool|vulnerability"},
        {"threat-actor-type-ov", "10.23", false,
                "activist|competitor|crime-syndicate|criminal|hacker|insider-accidental|insider-disgruntled|"
                "nation-state|private-sector|sensationalist|spy|terrorist|unknown"},
        {"threat-actor-role-ov", "10.24", false,
                "agent|director|independent|infrastructure-architect|infrastructure-operator|malware-author|sponsor"},
        {"threat-actor-sophistication-ov", "10.25", false,
                "none|minimal|intermediate|advanced|expert|innovator|strategic"},
        {"tool-type-ov", "10.26", false,
                "denial-of-service|exploitation|information-gathering|network-capture|credential-exploitation|"
                "remote-access|vulnerability-scanning|unknown"},
        {"windows-integrity-level-enum", "10.27", true, "low|medium|high|system"},
        {"windows-pebinary-type-ov", "10.28", false, "dll|exe|sys"},
        {"windows-registry-datatype-enum", "10.29", true,
                "REG_NONE|REG_SZ|REG_EXPAND_SZ|REG_BINARY|REG_DWORD|REG_DWORD_BIG_ENDIAN|REG_DWORD_LITTLE_ENDIAN|"
                "REG_LINK|REG_MULTI_SZ|REG_RESOURCE_LIST|REG_FULL_RESOURCE_DESCRIPTION|"
                "REG_RESOURCE_REQUIREMENTS_LIST|REG_QWORD|REG_INVALID_TYPE"},
        {"windows-service-start-type-enum", "10.30", true,
                "SERVICE_AUTO_START|SERVICE_BOOT_START|SERVICE_DEMAND_START|SERVICE_DISABLED|"
                "SERVICE_SYSTEM_ALERT"},
        {"windows-service-type-enum", "10.31", true,
                "SERVICE_KERNEL_DRIVER|SERVICE_FILE_SYSTEM_DRIVER|SERVICE_WIN32_OWN_PROCESS|"
                "SERVICE_WIN32_SHARE_PROCESS"},
        {"windows-service-status-enum", "10.32", true,
                "SERVICE_CONTINUE_PENDING|SERVICE_PAUSE_PENDING|SERVICE_PAUSED|SERVICE_RUNNING|"
                "SERVICE_START_PENDING|SERVICE_STOP_PENDING|SERVICE_STOPPED"},
        {"marking-type", "7.2.1", false, "statement|tlp"},

        /* TLP 2.0 of FIRST, as its STIX extension writes it */
        {"tlp-2-enum", "7.2.1, TLP 2.0 extension", true, "clear|green|amber|amber+strict|red"},
        /* Information Exchange Policy 2.0 of FIRST */
        {"iep-encrypt-enum", "7.3, IEP 2.0", true, "may|must"},
        {"iep-actions-enum", "7.3, IEP 2.0", true,
                "none|contact-for-instruction|internally-visible-actions|externally-visible-indirect-actions|"
                "externally-visible-direct-actions"},
        {"iep-notifications-enum", "7.3, IEP 2.0", true, "may|must-not"},
        {"iep-tlp-enum", "7.3, IEP 2.0", true, "red|amber+strict|amber|green|clear|white"},
        {"iep-attribution-enum", "7.3, IEP 2.0", true, "may|must|must-not"},
        {"iep-resale-enum", "7.3, IEP 2.0", true, "may|must-not"},
        /* The incident extension suite */
        {"incident-determination-enum", "7.3, incident extension", false,
                "blocked|confirmed|failed-attempt|false-positive|low-value|successful-attempt|suspected"},
        {"incident-investigation-ov", "7.3, incident extension", false, "closed|new|open"},
        {"incident-detection-methods-ov", "7.3, incident extension", false,
                "automated-tool|commercial-solution|external-notification|human-review|message-from-attacker|"
                "proprietary-solution|system-outage|user-reporting"},
        {"incident-recoverability-enum", "7.3, incident extension", true,
                "not-applicable|regular|supplemented|extended|not-recoverable"},
        {"impact-loss-enum", "7.3, impact extension", true,
                "confirmed-loss|contained|exploited-loss|suspected-loss|none"},
        {"impact-alteration-enum", "7.3, impact extension", true,
                "potential-destruction|potential-modification|partial-destruction|partial-modification|"
                "full-destruction|full-modification|none"},
        {"time-fidelity-enum", "7.3, incident extension", true, "second|minute|hour|day|month|year"},
        {"task-outcome-enum", "7.3, task extension", true, "cancelled|failed|ongoing|pending|successful|unknown"},
        {"task-type-ov", "7.3, task extension", false,
                "administrative|attribution|containment|declared|detected|eradication|escalated|exercised-control|"
                "external-intelligence|external-outreach|external-support|implemented-control|investigation|"
                "negotiation|playbook-execution|playbook-step-execution|ransom-payment|recovery|reported|"
                "routine-updates|victim-notification"},
        {"event-status-enum", "7.3, event extension", true, "ongoing|occurred|not-occurred|pending|undetermined"},

        /* Character sets: the preferred MIME name or the name of the IANA registry; case does not matter there */
        {"character-set", "3.9.1", true,
                "US-ASCII|ISO-8859-1|ISO-8859-2|ISO-8859-3|ISO-8859-4|ISO-8859-5|ISO-8859-6|ISO-8859-7|ISO-8859-8|"
                "ISO-8859-9|ISO-8859-10|ISO-8859-13|ISO-8859-14|ISO-8859-15|ISO-8859-16|ISO-8859-6-E|ISO-8859-6-I|"
                "ISO-8859-8-E|ISO-8859-8-I|ISO_6937-2-add|JIS_X0201|JIS_Encoding|Shift_JIS|EUC-JP|"
                "Extended_UNIX_Code_Fixed_Width_for_Japanese|BS_4730|SEN_850200_C|IT|ES|DIN_66003|NS_4551-1|"
                "NF_Z_62-010|ISO-10646-UTF-1|ISO_646.basic:1983|INVARIANT|ISO_646.irv:1983|NATS-SEFI|NATS-SEFI-ADD|"
                "NATS-DANO|NATS-DANO-ADD|SEN_850200_B|KS_C_5601-1987|ISO-2022-KR|EUC-KR|ISO-2022-JP|ISO-2022-JP-2|"
                "JIS_C6220-1969-jp|JIS_C6220-1969-ro|PT|greek7-old|latin-greek|NF_Z_62-010_(1973)|Latin-greek-1|"
                "ISO_5427|JIS_C6226-1978|BS_viewdata|INIS|INIS-8|INIS-cyrillic|ISO_5427:1981|ISO_5428:1980|"
                "GB_1988-80|GB_2312-80|NS_4551-2|videotex-suppl|PT2|ES2|MSZ_7795.3|JIS_C6226-1983|greek7|ASMO_449|"
                "iso-ir-90|JIS_C6229-1984-a|JIS_C6229-1984-b|JIS_C6229-1984-b-add|JIS_C6229-1984-hand|"
                "JIS_C6229-1984-hand-add|JIS_C6229-1984-kana|ISO_2033-1983|ANSI_X3.110-1983|T.61-7bit|T.61-8bit|"
                "ECMA-cyrillic|CSA_Z243.4-1985-1|CSA_Z243.4-1985-2|CSA_Z243.4-1985-gr|T.101-G2|CSN_369103|"
                "JUS_I.B1.002|IEC_P27-1|JUS_I.B1.003-serb|JUS_I.B1.003-mac|greek-ccitt|NC_NC00-10:81|ISO_6937-2-25|"
                "GOST_19768-74|ISO_8859-supp|ISO_10367-box|latin-lap|JIS_X0212-1990|DS_2089|us-dk|dk-us|KSC5636|"
                "UNICODE-1-1-UTF-7|ISO-2022-CN|ISO-2022-CN-EXT|UTF-8|GBK|GB18030|OSD_EBCDIC_DF04_15|"
                "OSD_EBCDIC_DF03_IRV|OSD_EBCDIC_DF04_1|ISO-11548-1|KZ-1048|ISO-10646-UCS-2|ISO-10646-UCS-4|"
                "ISO-10646-UCS-Basic|ISO-10646-Unicode-Latin1|ISO-10646-J-1|ISO-Unicode-IBM-1261|"
                "ISO-Unicode-IBM-1268|ISO-Unicode-IBM-1276|ISO-Unicode-IBM-1264|ISO-Unicode-IBM-1265|UNICODE-1-1|"
                "SCSU|UTF-7|UTF-16BE|UTF-16LE|UTF-16|CESU-8|UTF-32|UTF-32BE|UTF-32LE|BOCU-1|UTF-7-IMAP|"
                "ISO-8859-1-Windows-3.0-Latin-1|ISO-8859-1-Windows-3.1-Latin-1|ISO-8859-2-Windows-Latin-2|"
                "ISO-8859-9-Windows-Latin-5|hp-roman8|Adobe-Standard-Encoding|Ventura-US|Ventura-International|"
                "DEC-MCS|IBM850|PC8-Danish-Norwegian|IBM862|PC8-Turkish|IBM-Symbols|IBM-Thai|HP-Legal|HP-Pi-font|"
                "HP-Math8|Adobe-Symbol-Encoding|HP-DeskTop|Ventura-Math|Microsoft-Publishing|Windows-31J|GB2312|Big5|"
                "macintosh|IBM037|IBM038|IBM273|IBM274|IBM275|IBM277|IBM278|IBM280|IBM281|IBM284|IBM285|IBM290|"
                "IBM297|IBM420|IBM423|IBM424|IBM437|IBM500|IBM851|IBM852|IBM855|IBM857|IBM860|IBM861|IBM863|IBM864|"
                "IBM865|IBM868|IBM869|IBM870|IBM871|IBM880|IBM891|IBM903|IBM904|IBM905|IBM918|IBM1026|"
                "EBCDIC-AT-DE|EBCDIC-AT-DE-A|EBCDIC-CA-FR|EBCDIC-DK-NO|EBCDIC-DK-NO-A|EBCDIC-FI-SE|EBCDIC-FI-SE-A|"
                "EBCDIC-FR|EBCDIC-IT|EBCDIC-PT|EBCDIC-ES|EBCDIC-ES-A|EBCDIC-ES-S|EBCDIC-UK|EBCDIC-US|UNKNOWN-8BIT|"
                "MNEMONIC|MNEM|VISCII|VIQR|KOI8-R|HZ-GB-2312|IBM866|IBM775|KOI8-U|IBM00858|IBM00924|IBM01140|"
                "IBM01141|IBM01142|IBM01143|IBM01144|IBM01145|IBM01146|IBM01147|IBM01148|IBM01149|Big5-HKSCS|IBM1047|"
                "PTCP154|Amiga-1251|KOI7-switched|BRF|TSCII|CP51932|windows-874|windows-1250|windows-1251|"
                "windows-1252|windows-1253|windows-1254|windows-1255|windows-1256|windows-1257|windows-1258|TIS-620|"
                "CP50220"},
        {NULL, NULL, false, NULL},
};

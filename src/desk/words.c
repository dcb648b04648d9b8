/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/words.h"

#include "text/catalogue.h"

#define KEEP_EVIDENCE                                                                                                  \
    W_C("Do not switch it off or install it anew before its logs are copied: they say how it came about.")

static const struct desk_class_words classes[] = {
        {"malicious-code/infected-system", W_C("possibly infected computer"),
                W_C("A computer of yours talked to a server that attackers use to control infected machines. They can "
                    "read, copy or encrypt what it reaches."),
                {W_C("Take the computer off the network (pull the cable, switch off Wi-Fi). If it serves patients, ask "
                     "who is responsible for their care first."),
                        KEEP_EVIDENCE, W_C("Change, from another computer, the passwords that were used on it.")}},
        {"malicious-code/", W_C("malicious software"),
                W_C("Malicious software is, or is offered, on a system of yours. Others can be harmed through it."),
                {W_C("Find the system by the address and time below, and take it off the network."), KEEP_EVIDENCE,
                        W_C("Remove the malicious files, or restore the system from a backup that is older.")}},
        {"vulnerable/vulnerable-system", W_C("system with a known weakness"),
                W_C("A system of yours can be reached from the internet and has a weakness that attackers know and "
                    "search for."),
                {W_C("Close it to the internet until it is mended: at the firewall, or by switching the service off."),
                        W_C("Install the update of its maker."),
                        W_C("Look into its logs for sign-ins and files that nobody of yours made.")}},
        {"vulnerable/weak-crypto", W_C("outdated encryption"),
                W_C("A service of yours encrypts in a way that others can break and read along."),
                {W_C("Switch off the outdated protocols and methods that are named in the attachment."),
                        W_C("Install the update of its maker."),
                        W_C("Renew certificates and keys that are too short or expired.")}},
        {"vulnerable/ddos-amplifier", W_C("service that amplifies attacks"),
                W_C("A service of yours answers strangers in a way that attackers use to flood others. Your line can "
                    "be overloaded by it, too."),
                {W_C("Close the service to the internet, or let it answer only those who need it."),
                        W_C("Install the update of its maker."),
                        W_C("Ask your internet provider whether it can filter the rest.")}},
        {"vulnerable/", W_C("service that is open to the internet"),
                W_C("A service of yours can be reached by everybody on the internet. Attackers search for such "
                    "services and try passwords and weaknesses on them."),
                {W_C("Find out who runs the service at the address below, and whether it has to be reachable."),
                        W_C("Close it at the firewall, or let in only known addresses or a VPN."),
                        W_C("If it has to stay open: install updates, and use strong passwords and a second factor.")}},
        {"intrusion-attempts/", W_C("attempts to break in"),
                W_C("A system of yours tries to break in elsewhere, or is being tried. If it is yours that tries, "
                    "somebody else probably controls it."),
                {W_C("Find the system by the address and time below, and see who was signed in."), KEEP_EVIDENCE,
                        W_C("Change weak passwords, switch on a second factor, and install updates.")}},
        {"intrusions/", W_C("system that somebody broke into"),
                W_C("There are signs that somebody else has control over a system or an account of yours."),
                {W_C("Take the system off the network, or lock the account. If it serves patients, ask who is "
                     "responsible for their care first."),
                        KEEP_EVIDENCE, W_C("Call us: we help to find out how far it went.")}},
        {"information-gathering/", W_C("search for weaknesses"),
                W_C("A system of yours searches the networks of others, or people are asked for secrets in your name. "
                    "Often somebody else controls such a system."),
                {W_C("Find the system by the address and time below, and see what runs on it."), KEEP_EVIDENCE,
                        W_C("Install updates and change the passwords that were used on it.")}},
        {"information-content-security/", W_C("data in the wrong hands"),
                W_C("Data of yours were seen where they do not belong. Duties to report to the authorities may have "
                    "begun."),
                {W_C("Find out which data they are, of whom, and since when."),
                        W_C("Close the way by which they got out, and change passwords and keys that are among them."),
                        W_C("Ask your legal adviser today about duties to report and to tell those concerned.")}},
        {"fraud/", W_C("fraud in your name"),
                W_C("Somebody uses a name, a page or an address of yours to deceive others."),
                {W_C("Look at what is described below, and whether it runs on a system of yours."),
                        W_C("If it does: remove it, keep a copy for us, and change the passwords of that system."),
                        W_C("Warn those who may be deceived by it.")}},
        {"availability/", W_C("trouble with availability"),
                W_C("A service of yours is being overloaded, or takes part in overloading others."),
                {W_C("Look at the load of your line and of the systems below."),
                        W_C("Ask your internet provider to filter what does not belong there."),
                        W_C("Call us if patients or the public are affected.")}},
        {"abusive-content/", W_C("abusive content or spam"),
                W_C("A system or an account of yours sends what others do not want. Soon your own mail may be refused "
                    "everywhere."),
                {W_C("Find the account or system by the address and time below, and stop it from sending."),
                        W_C("Change its password; look whether its owner knows of it."),
                        W_C("Look into the mail server's queue, and remove what waits there.")}},
        {"test/", W_C("exercise"), W_C("This is an exercise. Nothing has happened."),
                {W_C("Answer as you would if it were real."), W_C("Do not change any system."),
                        W_C("Write down what was not clear to you, and tell us.")}},
        {"", W_C("something that should be looked at"),
                W_C("It was seen at a system of yours, and does not look as it should."),
                {W_C("Find the system by the address and time below, and see who runs it."), KEEP_EVIDENCE,
                        W_C("Tell us what you found; we help.")}},
};

const struct desk_class_words *desk_words_of_class(slice class)
{
    size_t i = 0;
    for (; i + 1 < COUNT_OF(classes); i++) {
        slice row = slice_of(classes[i].class);
        if (slice_eq(class, row) || (slice_ends(row, S("/")) && slice_starts(class, row)))
            break;
    }
    return &classes[i];
}

static const struct desk_kind_words kinds[NOTICE_KINDS] = {
        [NOTICE_OF_WARNING] = {W_C("Warning"),
                W_C("We saw something that concerns systems of yours, and ask you to act."), true, true},
        [NOTICE_OF_DIGEST] = {W_C("Summary of the day"),
                W_C("What we saw today that concerns systems of yours, together in one message."), true, true},
        [NOTICE_OF_REMINDER] = {W_C("Reminder"),
                W_C("We have not heard from you yet about what we wrote before. One word is enough."), true, true},
        [NOTICE_OF_ESCALATION] = {W_C("Warning, to the next contact"),
                W_C("We wrote to another contact of your organisation and got no answer. That is why we write to you."),
                true, true},
        [NOTICE_OF_SECTOR] = {W_C("No answer to a warning"),
                W_C("An organisation of your sector has answered neither our warning nor our reminders. As the team of "
                    "its sector you may know another way to reach it; that is why we write to you."),
                false, false},
        [NOTICE_OF_SETTLING] = {W_C("Settled: no answer to a warning"),
                W_C("What we wrote to you about the following is settled: they answered, or we withdrew it. There is "
                    "nothing that you have to do about it. Thank you."),
                false, false},
        [NOTICE_OF_CORRECTION] = {W_C("Correction"),
                W_C("We withdraw what we wrote about the following: it has turned out to be wrong. There is nothing "
                    "that you have to do about it. We ask you to excuse the trouble."),
                false, false},
        [NOTICE_OF_CONTACT] = {W_C("Are we reaching you?"),
                W_C("You are known to us as a contact of your organisation: here we would warn you if something "
                    "happened to its systems. Please confirm by one answer that this mailbox is read."),
                false, true},
        [NOTICE_OF_EMERGENCY] = {W_C("Done without a second person"),
                W_C("Somebody at the machine of our node did what takes two persons, and said that it was an "
                    "emergency. Ask whether it was; if nobody knows of it, somebody else has the machine."),
                false, false},
        [NOTICE_OF_DUTY] = {W_C("A clock of law"),
                W_C("Something has to be told to others by a moment that law sets, and was not filed yet. Hours are "
                    "real hours: nights and holidays count."),
                false, false},
        [NOTICE_OF_TASK] = {W_C("A task is due"),
                W_C("You are to do something in an incident that we work on together, and it was not said to be done. "
                    "Say how far it is: on the page of the task, or to us by telephone."),
                false, false},
        [NOTICE_OF_LETTER] = {W_C("Letter"), W_C("An answer to what was reported to us."), false, false},
};

const struct desk_kind_words *desk_words_of_kind(enum notice_kind kind)
{
    return &kinds[kind];
}

static const char *const severities[SEVERITIES] = {
        [SEVERITY_INFO] = W_C("for information"),
        [SEVERITY_LOW] = W_C("low"),
        [SEVERITY_MEDIUM] = W_C("medium"),
        [SEVERITY_HIGH] = W_C("high"),
        [SEVERITY_CRITICAL] = W_C("critical"),
};

const char *desk_words_of_severity(enum severity severity)
{
    return severities[severity];
}

//! German.

use super::table::Texts;
use super::term::{Plural, term};

pub(super) const TEXTS: Texts = Texts {
    kicker: "Nachweisbericht",
    title: "Löschung von Gesprächsdatensätzen",
    contents: "Inhalt",
    and: " und ",
    unknown: "Unbekannt",
    total: "Summe",

    asked_label: "Auftrag",
    asked: Plural::new(
        "{n} Gesprächsdatensatz löschen bei {vendors}.",
        "{n} Gesprächsdatensätze löschen bei {vendors}.",
    ),
    planned_on: "Geplant am {time}.",
    result_label: "Ergebnis",
    lead_empty: "Nichts wurde gelöscht: Dieser Auftrag enthält keine Datensätze.",
    lead_all_held: "Nichts wurde gelöscht: Alle Datensätze sind gesperrt.",
    lead_unfinished: Plural::new(
        "Dieser Auftrag ist nicht abgeschlossen: {n} von {total} Datensätzen hat noch kein Ergebnis.",
        "Dieser Auftrag ist nicht abgeschlossen: {n} von {total} Datensätzen haben noch kein Ergebnis.",
    ),
    also_incomplete: Plural::new(
        "{n} weiterer ist nicht gelöscht, wurde nicht gefunden oder besteht vielleicht noch.",
        "{n} weitere sind nicht gelöscht, wurden nicht gefunden oder bestehen vielleicht noch.",
    ),
    lead_incomplete: Plural::new(
        "Dieser Auftrag hat nicht alles gelöscht: {n} von {total} Datensätzen ist nicht gelöscht, wurde nicht gefunden \
         oder besteht vielleicht noch.",
        "Dieser Auftrag hat nicht alles gelöscht: {n} von {total} Datensätzen sind nicht gelöscht, wurden nicht gefunden \
         oder bestehen vielleicht noch.",
    ),
    lead_still_present: Plural::new(
        "Dieser Auftrag hat nicht alles gelöscht: {n} von {total} Datensätzen ist noch vorhanden.",
        "Dieser Auftrag hat nicht alles gelöscht: {n} von {total} Datensätzen sind noch vorhanden.",
    ),
    lead_acknowledged: Plural::new(
        "Bei {n} von {total} Datensätzen ist die Löschung nicht bestätigt: Der Anbieter hat die Anfrage angenommen, und \
         seine Antwort belegt nicht mehr.",
        "Bei {n} von {total} Datensätzen ist die Löschung nicht bestätigt: Der Anbieter hat die Anfragen angenommen, und \
         seine Antworten belegen nicht mehr.",
    ),
    all_records: Plural::new("Der Datensatz", "Alle {n} Datensätze"),
    all_records_not_held: Plural::new("Der eine nicht gesperrte Datensatz", "Alle {n} nicht gesperrten Datensätze"),
    are_deleted: Plural::new("ist gelöscht.", "sind gelöscht."),
    are_deleted_or_gone: Plural::new("ist nicht mehr vorhanden.", "sind gelöscht oder nicht mehr vorhanden."),
    are_soft_deleted: Plural::new(
        "ist nur als gelöscht markiert („soft“): Der Anbieter behält die Daten möglicherweise.",
        "sind nur als gelöscht markiert („soft“): Der Anbieter behält die Daten möglicherweise.",
    ),
    some_soft_deleted: Plural::new(
        "{n} davon ist nur als gelöscht markiert („soft“): Der Anbieter behält die Daten möglicherweise.",
        "{n} davon sind nur als gelöscht markiert („soft“): Der Anbieter behält die Daten möglicherweise.",
    ),
    according_to_vendor: "Laut Anbieter: {statement}",
    absence_unverified: "Bei {n} von {total} wurde danach nicht bestätigt, dass der Datensatz nicht mehr vorhanden ist.",
    held_note: Plural::new(
        "{n} Datensatz ist gesperrt und wurde von diesem Auftrag nicht gelöscht.",
        "{n} Datensätze sind gesperrt und wurden von diesem Auftrag nicht gelöscht.",
    ),
    refused_note: Plural::new(
        "{n} Eintrag der Eingabe ist keine gültige Kennung und wurde ausgelassen.",
        "{n} Einträge der Eingabe sind keine gültigen Kennungen und wurden ausgelassen.",
    ),
    checks_label: "Prüfung",
    not_checked: "Kein Datensatz wurde nach seiner Löschung geprüft: Die Ergebnisse beruhen allein auf den Antworten des \
                  Anbieters.",
    checked: Plural::new(
        "{n} von {total} Datensätzen wurde danach geprüft: {absent} nicht vorhanden, {present} vorhanden, {unknown} \
         unbekannt.",
        "{n} von {total} Datensätzen wurden danach geprüft: {absent} nicht vorhanden, {present} vorhanden, {unknown} \
         unbekannt.",
    ),
    signature_label: "Signatur",
    signed: "Dieses Paket nennt {name} als Unterzeichner. Prüfen Sie die Signatur mit dem öffentlichen Schlüssel dieser \
             Stelle.",
    unsigned: "Dieses Paket ist nicht signiert: Jeder könnte es erstellt oder verändert haben.",
    test_endpoint: "Die Anfragen gingen an eine Adresse auf dem Rechner des Betreibers ({urls}): ein Test oder ein Proxy, \
                    nicht die Adresse des Anbieters selbst.",
    outcomes_lost: "Ergebnisse gingen mit einem Protokoll des Auftrags verloren: Manche Datensätze sind vielleicht durch eine Anfrage gelöscht, die dieses Paket nicht zeigt.",
    pseudonyms: "Die Kennungen in diesem Bericht sind Pseudonyme. Nur wer den Pseudonymschlüssel besitzt, kann sie \
                 Datensätzen zuordnen.",

    outcomes_title: "Ergebnisse aller Datensätze",
    outcomes_unverified: "Davon ohne bestätigte Abwesenheit",
    outcome_deleted: term(
        "Gelöscht",
        "Der Anbieter hat bestätigt, dass er den Datensatz entfernt hat; oder der Datensatz war vor der Löschung zu \
         sehen, der Anbieter nahm die Anfrage an, und danach war der Datensatz nicht vorhanden.",
    ),
    outcome_acknowledged: term(
        "Angenommen",
        "Der Anbieter hat die Anfrage angenommen, aber seine Antwort belegt nicht, dass ein Datensatz entfernt wurde. \
         Dies ist keine bestätigte Löschung.",
    ),
    outcome_gone: term(
        "Nicht mehr vorhanden",
        "Der Anbieter meldet, dass es den Datensatz nicht gibt, und ein früherer Versuch dieses Auftrags kann ihn \
         entfernt haben; oder er war vorher zu sehen und ist jetzt nicht vorhanden.",
    ),
    outcome_unresolved: term(
        "Ungeklärt",
        "Der Anbieter hat einige Datensätze einer Gruppe entfernt und nicht mitgeteilt, welche. Der Datensatz besteht \
         vielleicht noch.",
    ),
    outcome_not_found: term(
        "Nicht gefunden",
        "Der Anbieter meldete beim ersten Versuch, dass diese Zugangsdaten keinen solchen Datensatz sehen: Er wurde \
         früher gelöscht, bestand nie oder liegt in einem anderen Arbeitsbereich.",
    ),
    outcome_failed: term(
        "Fehlgeschlagen",
        "Die Löschung ist fehlgeschlagen. Der Grund steht unten bei jedem Datensatz.",
    ),
    outcome_refused: term(
        "Zurückgewiesen",
        "Der Eintrag ist keine gültige Kennung. An den Anbieter wurde nichts gesendet.",
    ),
    outcome_held: term("Gesperrt", "Eine Löschsperre verbietet die Löschung. Dieser Auftrag hat ihn nicht gelöscht."),
    outcome_not_attempted: term(
        "Nicht versucht",
        "Der Auftrag hat kein Ergebnis für den Datensatz. Wurde ein Lauf während der Anfrage abgebrochen, ist der \
         Datensatz vielleicht gelöscht.",
    ),

    scope_title: "Umfang",
    scope_intro: "Was wo und mit welchen Zugangsdaten gelöscht werden sollte.",
    endpoint: "Adresse",
    auth_url: "Adresse für Token",
    workspace: "Arbeitsbereich oder Region",
    mode: "Art der Löschung",
    mode_hard: "hart: der Datensatz und seine Dateien, unwiderruflich",
    mode_soft: "weich („soft“): Der Anbieter behält die Daten möglicherweise",
    mode_single: "Der Anbieter bietet nur eine Art an",
    credential: "Fingerabdruck der Zugangsdaten",
    accepted_credential: "Später akzeptierte Zugangsdaten",
    at_time: "{value}, am {time}",
    options: "Optionen",
    option_children: "untergeordnete Daten werden zuerst gelöscht",
    option_available_children: "untergeordnete Daten werden zuerst gelöscht, soweit der Anbieter sie auflistet",
    option_allow_active: "auch aktive Datensätze werden gelöscht",
    option_one_by_one: "eine Kennung je Sammelanfrage",
    option_single: "der Weg des Anbieters für einzelne Datensätze, dessen Antwort nichts belegt",
    option_delete_only: "die Zugangsdaten mussten nicht lesen können",
    planned: "Datensätze",
    job_caption: "Der Auftrag",
    plan_hash: "Prüfsumme des Plans (SHA-256)",
    planned_at: "Geplant am",
    selected: "Auswahl",
    selected_since: "aufgelistete Datensätze ab {time}",
    selected_until: "aufgelistete Datensätze vor {time}",
    selected_by_id: "ohne Zeitraum",
    refused_entries: "Eingaben, die keine Kennung sind",
    exported_at: "Exportiert am",
    program: "Programm",
    field: "Feld",
    value: "Wert",

    totals_title: "Summen",
    totals_caption: "Datensätze nach Ergebnis",
    outcome: "Ergebnis",
    meaning: "Bedeutung",
    records: "Datensätze",
    share: "Anteil",
    by_target_caption: "Datensätze nach Ziel und Ergebnis",
    children: "Zu Datensätzen gehörende Daten, etwa Transkripte: {done} gelöscht oder nicht mehr vorhanden, {rest} ohne bestätigte Löschung.",
    target: "Ziel",

    timeline_title: "Zeitverlauf",
    timeline_none: "Kein Datensatz hat ein Ergebnis mit Zeitangabe.",
    timeline_caption: "Wann die Ergebnisse festgehalten wurden, in Schritten von {step}",
    timeline_numbers: "Die Zahlen dieses Diagramms",
    timeline_description: "{n} Ergebnisse von {from} bis {to}. Der höchste Balken ist {peak}.",
    from: "Ab",
    series_done: "Gelöscht oder nicht mehr vorhanden",
    series_acknowledged: "Angenommen",
    series_other: "Nicht gelöscht oder unbekannt",
    runs_caption: "Läufe des Auftrags",
    run: "Lauf",
    purpose: "Zweck",
    purpose_delete: "löschen",
    purpose_verify: "prüfen, dass Datensätze nicht vorhanden sind",
    purpose_lookup: "Datensätze abfragen",
    started: "Beginn",
    ended: "Ende",
    ending: "Wie er endete",
    ending_finished: "abgeschlossen",
    ending_interrupted: "vom Betreiber angehalten",
    ending_deadline_reached: "die erlaubte Zeit war abgelaufen",
    ending_outage_timed_out: "der Anbieter war zu lange nicht erreichbar",
    ending_credential_refused: "der Anbieter hat die Zugangsdaten abgelehnt",
    ending_wrong_target: "die Zugangsdaten gehören zu einem anderen Ziel",
    ending_unrecoverable: "angehalten: Jede weitere Anfrage wäre fehlgeschlagen",
    ending_nothing_found: "angehalten: Keiner der ersten Datensätze besteht an diesem Ziel",
    ending_not_begun: "nicht begonnen: Nichts wurde gesendet",
    ending_killed: "der Prozess wurde abgebrochen",
    ending_outcomes_missing: "Ergebnisse eines früheren Laufs fehlen in der Auftragsdatei",
    ending_running: "kein Ende festgehalten",
    no_runs: "Der Auftrag wurde geplant, aber nie ausgeführt.",

    problems_title: "Datensätze, die nicht klar gelöscht sind",
    problems_none: "Es gibt keine.",
    problems_intro: "Die schwerwiegendsten zuerst. Höchstens {limit} Datensätze sind aufgeführt; die Datei records.jsonl \
                     enthält alle.",
    problems_rest: Plural::new("{n} weiterer ist hier nicht aufgeführt.", "{n} weitere sind hier nicht aufgeführt."),
    problem_still_present: term(
        "Noch vorhanden",
        "Eine Prüfung nach der Löschung zeigte den Datensatz noch, was auch immer der Anbieter geantwortet hatte.",
    ),
    problem_maybe_deleted: term(
        "Fehlgeschlagen, vielleicht gelöscht",
        "Die Löschung ist fehlgeschlagen, aber eine Anfrage kann gewirkt haben: Ob der Datensatz noch besteht, ist nicht \
         bekannt.",
    ),
    problem_not_deleted: term(
        "Fehlgeschlagen, nicht gelöscht",
        "Die Löschung ist fehlgeschlagen, und keine Anfrage dieses Auftrags hat gewirkt.",
    ),
    problem_unverified: term(
        "Gelöscht, Prüfung ohne Ergebnis",
        "Der Anbieter hat die Löschung bestätigt, oder der Datensatz ist nicht mehr vorhanden; die Prüfung danach gab \
         keinen Aufschluss.",
    ),
    position: "Zeile",
    id: "Kennung",
    reason: "Grund",
    last_attempt: "Letzter Versuch",
    status: "HTTP-Status",
    afterwards: "Danach",

    lookup_failed: "Es wurde keine Löschung gesendet: Die Abfrage davor ist fehlgeschlagen.",
    kind_invalid_input: "Die Kennung wurde zurückgewiesen, bevor etwas gesendet wurde.",
    kind_configuration: "Das Programm war nicht richtig eingerichtet.",
    kind_wrong_target: "Die Zugangsdaten gehören zu einem anderen Mandanten, Arbeitsbereich oder einer anderen Region.",
    kind_clock_skew: "Die Uhren des Betreibers und des Anbieters weichen zu stark voneinander ab.",
    kind_still_active: "Das Gespräch lief noch oder wurde noch verarbeitet; deshalb wurde keine Löschung gesendet.",
    kind_unauthenticated: "Der Anbieter hat die Zugangsdaten abgelehnt.",
    kind_missing_scope: "Den Zugangsdaten fehlt die Berechtigung.",
    kind_forbidden: "Der Anbieter verbietet diesen Zugangsdaten, diesen Datensatz zu löschen.",
    kind_payment_required: "Dem Konto fehlt Guthaben oder ein Tarif für den Aufruf.",
    kind_not_found: "Diese Zugangsdaten sehen keinen solchen Datensatz.",
    kind_rejected: "Der Anbieter hat die Anfrage abgelehnt.",
    kind_rate_limited: "Der Anbieter hat die Zahl der Anfragen begrenzt, und die Zeit zum Warten reichte nicht.",
    kind_timeout: "Der Anbieter hat nicht rechtzeitig geantwortet.",
    kind_connect: "Es kam keine Verbindung zum Anbieter zustande.",
    kind_tls: "Das Zertifikat des Servers wurde abgelehnt.",
    kind_connection: "Die Verbindung brach ab, bevor die Antwort vollständig war.",
    kind_server: "Der Server des Anbieters hatte einen Fehler.",
    kind_interrupted: "Der Lauf wurde vor der nächsten Anfrage angehalten.",
    kind_unexpected_response: "Der Anbieter dokumentiert diese Antwort nicht, etwa eine Webseite oder eine Umleitung.",
    kind_other: "Ein anderer Fehler.",

    holds_title: "Löschsperren",
    holds_none: "Kein Datensatz war gesperrt.",
    holds_intro: "Eine Löschsperre verbietet die Löschung eines Datensatzes, etwa weil ein Gesetz die Aufbewahrung \
                  verlangt.",
    holds_caption: "Gesperrte Datensätze",
    held_by: "Gesperrt",
    held_by_plan: "bei der Planung des Auftrags",
    held_later: "später, am {time}",
    holds_unmatched: Plural::new(
        "{n} Löschsperre, mit der der Auftrag geplant wurde, trifft auf keinen Datensatz dieses Auftrags zu.",
        "{n} Löschsperren, mit denen der Auftrag geplant wurde, treffen auf keinen Datensatz dieses Auftrags zu.",
    ),
    holds_too_late: Plural::new(
        "{n} Datensatz ist gesperrt, aber die Löschsperre kam erst nach der Anfrage, ihn zu löschen: Er wurde gelöscht \
         oder kann gelöscht worden sein.",
        "{n} Datensätze sind gesperrt, aber die Löschsperren kamen erst nach den Anfragen, sie zu löschen: Sie wurden \
         gelöscht oder können gelöscht worden sein.",
    ),
    holds_too_late_caption: "Zu spät gesperrte Datensätze",

    verification_title: "Überprüfung",
    verification_proven: Plural::new(
        "Bei {n} von {total} Datensätzen ist die Folge vollständig: vorher gesehen, gelöscht oder nicht mehr vorhanden, \
         danach nicht zu sehen.",
        "Bei {n} von {total} Datensätzen ist die Folge vollständig: vorher gesehen, gelöscht oder nicht mehr vorhanden, \
         danach nicht zu sehen.",
    ),
    verification_limits: "„Nicht vorhanden“ heißt, dass die Schnittstelle des Anbieters diesen Zugangsdaten keinen \
                          solchen Datensatz zeigt. Über Sicherungen oder Kopien an anderen Orten sagt das nichts.",
    verification_soft: "Nach einer weichen Löschung kann ein Datensatz sichtbar bleiben: Das ist zu erwarten und zählt \
                        nicht als „noch vorhanden“.",
    verification_caption: "Was Prüfungen zeigten",
    verification_times: "Die Prüfungen nach der Löschung fanden von {from} bis {to} statt.",
    checked_how: "Prüfung",
    before_deletion: "Vorher, {how}",
    after_deletion: "Danach, {how}",
    by_lookup: "Abfrage",
    by_list: "vollständige Liste",
    not_looked_up: "Nicht geprüft",
    present: "Vorhanden",
    absent: "Nicht vorhanden",

    footer: "Erstellt von {program} am {time}. Diese Seite führt kein Skript aus und lädt nichts nach.",
};

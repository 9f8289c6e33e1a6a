//! German.

use super::table::Background;
use crate::report::text::term::term;

pub(super) const BACKGROUND: Background = Background {
    reach_title: "Was eine Löschung nicht erreicht",
    reach_intro: "Die Schnittstelle des Anbieters löscht den Datensatz, den sie zeigt. Andere Kopien können bleiben, und \
                  kein Anbieter belegt, dass seine Speicher die Daten nicht mehr enthalten.",
    reach_source: "Aus den öffentlichen Unterlagen und Programmen des Anbieters, soweit sie dieser Programmversion bekannt \
                   sind.",
    reach_corti: [
        "Aufnahmen, Transkripte, Dokumente, Fakten und Codes einer Interaktion: Keine Quelle nennt, ob sie mit ihr \
         gelöscht werden. Um es zu zeigen, löschen Sie sie zuerst; für Fakten und Codes gibt es keinen Löschaufruf.",
        "Geführte Dokumente („guided documents“) liegen außerhalb der Interaktion und haben einen eigenen Löschaufruf.",
        "Vorlagenabbilder der geführten Erstellung werden 30 Tage aufbewahrt.",
        "Agentenkontexte sind ein anderes Produkt mit eigenem Löschaufruf.",
        "Sicherungen sind nicht dokumentiert. Corti gibt an, personenbezogene Daten binnen 30 Tagen nach Vertragsende zu \
         löschen.",
        "Was eine laufende Transkription nach der Löschung schreibt, ist nicht festgelegt.",
    ],
    reach_fini: [
        "Fini beschreibt eine Löschung als Änderung der Datenbankzeile des Gesprächs: Wahrscheinlich wird sie markiert, \
         und die Daten bleiben.",
        "Die Kopie im Helpdesk (Zendesk, Intercom und andere) bleibt. Neue Nachrichten dort können das Gespräch \
         zurückbringen.",
        "Gespräche im älteren Anfragespeicher haben andere Kennungen und werden nicht erreicht.",
        "Wiederherstellung, endgültige Löschung und Sicherungen sind nicht dokumentiert.",
    ],
    reach_elevenlabs: [
        "Sicherungen: ElevenLabs behält Datenbankeinträge darin bis zu 30 Tage nach einer Löschung.",
        "Kopien bei Empfängern von Webhooks nach dem Anruf. Einer kann bis etwa 40 Minuten nach dem Anruf eintreffen, \
         auch nach der Löschung.",
        "Aufnahmen beim Telefonieanbieter und Empfängereinträge von Sammelanrufen.",
        "Nicht als erreicht bekannt: Einbettungen von Gesprächen (in der Regel 30 Tage), Triage-Tickets, aus einem \
         Gespräch erstellte Tests, ausgehende Kampagnen, Werkzeugaufrufe und Ablaufprotokolle.",
        "Ob Ton, Auswertung, Sucheinträge und SIP-Protokolle sofort gelöscht werden und was mit Gesprächen von \
         Unteragenten geschieht, ist nicht dokumentiert.",
    ],
    reach_tavus: [
        "Eine harte Löschung umfasst das Gespräch und seine zugehörigen Dateien; Tavus legt nicht fest, welche das bei \
         Gesprächen sind. Was eine weiche Löschung behält und wie lange, ist nicht dokumentiert.",
        "Aufzeichnungen liegen im Speicher des Kunden (S3, GCS, Azure): Löschen Sie dort jede Version. Schlug das Kopieren \
         fehl, behält Tavus die Aufzeichnung etwa 30 Tage.",
        "Daten in Räumen des eigenen Daily-Kontos des Kunden.",
        "Bereits zugestellte Rückrufe (Transkript, Beschreibung der Person) und anderswo bereits ausgeführte Aktionen.",
        "Erinnerungen („memories“), die mehrere Gespräche umfassen, sowie Dokumente und Bereitstellungen haben eigene \
         Löschaufrufe.",
        "Was der Videodienst und andere Infrastruktur behalten.",
    ],

    verify_title: "Wie Sie dieses Paket prüfen",
    verify_intro: "Diese Seite gehört zu einem Paket: fünf Dateien in einem ZIP-Archiv. Wenn Sie nur diese Seite haben, fordern Sie das Paket an. Prüfen Sie damit, dass niemand die Dateien verändert hat:",
    verify_program: "Mit dem Programm, ohne Netz:",
    verify_readme: "Ohne das Programm: README.txt im Archiv zeigt, wie es mit unzip, sha256sum und einem kurzen Skript geht \
                    (englisch).",
    verify_signature: "Holen Sie den öffentlichen Schlüssel von {name} direkt bei dieser Stelle, nicht aus dem Archiv. Nur \
                       er zeigt, wer das Paket erstellt hat.",
    verify_no_signature: "Das Paket ist nicht signiert. Die Prüfung zeigt, dass die Dateien zusammenpassen, nicht, wer sie \
                          erstellt hat.",
    verify_print: "Ein Ausdruck dieser Seite ist durch die Werte unten an die Datensätze gebunden: Vergleichen Sie sie mit \
                   manifest.json.",
    verify_caption: "Was diese Seite an die Datensätze bindet",
    signer: "Unterzeichner",
    not_signed: "nicht signiert",
    record_lines: "Zeilen von records.jsonl",
    tree_root: "Wurzel des Merkle-Baums (RFC 6962, SHA-256, Base64)",
    records_hash: "SHA-256 von records.jsonl",
    proves_title: "Was dies nicht beweist",
    proves_not: [
        "Dass der Anbieter seine Sicherungen, Protokolle und Kopien gelöscht hat.",
        "Dass die Antworten des Anbieters wahr waren.",
        "Dass die Uhr des Betreibers richtig ging. Alle Zeiten stammen von seinem Rechner.",
        "Dass die Liste der Kennungen vollständig war: Was niemand aufgeführt hat, fehlt.",
        "Dass außerhalb dieses Auftrags nichts gelöscht oder gelesen wurde.",
    ],

    glossary_title: "Begriffe",
    glossary: [
        term(
            "Datensatz",
            "Was gelöscht wird: bei Corti eine Interaktion, bei Fini, ElevenLabs und Tavus ein Gespräch.",
        ),
        term("Anbieter", "Das Unternehmen, bei dessen Dienst die Datensätze gespeichert sind."),
        term("Auftrag", "Eine vor der Löschung festgelegte Liste von Kennungen mit dem Ergebnis für jede."),
        term(
            "Zugangsdaten",
            "Der Schlüssel oder das Token für den Zugang zum Anbieter. Dieser Bericht zeigt einen \
                              Fingerabdruck davon, aus dem sie sich nicht wiederherstellen lassen.",
        ),
        term(
            "Abfrage",
            "Eine Anfrage nach einem Datensatz, um zu sehen, ob der Anbieter ihn noch zeigt. Fini kennt keine solche Anfrage: Dort wird der ganze Verlauf gelesen.",
        ),
        term("Liste", "Die Liste aller Datensätze des Anbieters, bis zum Ende gelesen."),
        term("Löschsperre", "Eine Anweisung, einen Datensatz nicht zu löschen."),
        term("Prüfsumme", "Ein kurzer aus Daten berechneter Wert (Hash). Ändern sich die Daten, ändert sich der Wert."),
        term(
            "Wurzel des Merkle-Baums",
            "Eine Prüfsumme über alle Zeilen von records.jsonl. Mit ihr lässt sich ein \
                                         Datensatz nachweisen, ohne die anderen zu zeigen.",
        ),
        term(
            "Pseudonym",
            "Ein mit einem geheimen Schlüssel aus einer Kennung berechneter Wert, der anstelle der Kennung \
                           gezeigt wird.",
        ),
    ],
};

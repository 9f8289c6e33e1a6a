//! French. A no-break space precedes high punctuation.

use super::table::Texts;
use super::term::{Plural, term};

pub(super) const TEXTS: Texts = Texts {
    kicker: "Rapport de preuve",
    title: "Suppression d’enregistrements de conversations",
    contents: "Sommaire",
    and: " et ",
    unknown: "Inconnu",
    total: "Total",

    asked_label: "Demande",
    asked: Plural::with_millions(
        "Supprimer {n} enregistrement de conversation chez {vendors}.",
        "Supprimer {n} enregistrements de conversations chez {vendors}.",
        "Supprimer {n} d’enregistrements de conversations chez {vendors}.",
    ),
    planned_on: "Planifiée le {time}.",
    result_label: "Résultat",
    lead_empty: "Rien n’a été supprimé : cette tâche ne contient aucun enregistrement.",
    lead_all_held: "Rien n’a été supprimé : tous les enregistrements sont à conserver.",
    lead_unfinished: Plural::new(
        "Cette tâche n’est pas terminée : {n} enregistrement sur {total} n’a pas de résultat.",
        "Cette tâche n’est pas terminée : {n} enregistrements sur {total} n’ont pas de résultat.",
    ),
    also_incomplete: Plural::new(
        "{n} autre n’est pas supprimé, n’a pas été trouvé ou existe peut-être encore.",
        "{n} autres ne sont pas supprimés, n’ont pas été trouvés ou existent peut-être encore.",
    ),
    lead_incomplete: Plural::new(
        "Cette tâche n’a pas tout supprimé : {n} enregistrement sur {total} n’est pas supprimé, n’a pas été trouvé ou \
         existe peut-être encore.",
        "Cette tâche n’a pas tout supprimé : {n} enregistrements sur {total} ne sont pas supprimés, n’ont pas été trouvés \
         ou existent peut-être encore.",
    ),
    lead_still_present: Plural::new(
        "Cette tâche n’a pas tout supprimé : {n} enregistrement sur {total} est encore présent.",
        "Cette tâche n’a pas tout supprimé : {n} enregistrements sur {total} sont encore présents.",
    ),
    lead_acknowledged: Plural::new(
        "La suppression de {n} enregistrement sur {total} n’est pas confirmée : le fournisseur a accepté la requête, et sa \
         réponse ne prouve rien de plus.",
        "La suppression de {n} enregistrements sur {total} n’est pas confirmée : le fournisseur a accepté les requêtes, et \
         ses réponses ne prouvent rien de plus.",
    ),
    all_records: Plural::with_millions("L’enregistrement", "Les {n} enregistrements", "Les {n} d’enregistrements"),
    all_records_not_held: Plural::with_millions(
        "Le seul enregistrement qui n’est pas à conserver",
        "Les {n} enregistrements qui ne sont pas à conserver",
        "Les {n} d’enregistrements qui ne sont pas à conserver",
    ),
    are_deleted: Plural::new("est supprimé.", "sont supprimés."),
    are_deleted_or_gone: Plural::new("a disparu.", "sont supprimés ou ont disparu."),
    are_soft_deleted: Plural::new(
        "est seulement marqué comme supprimé (« soft ») : le fournisseur conserve peut-être ses données.",
        "sont seulement marqués comme supprimés (« soft ») : le fournisseur conserve peut-être leurs données.",
    ),
    some_soft_deleted: Plural::new(
        "{n} d’entre eux est seulement marqué comme supprimé (« soft ») : le fournisseur conserve peut-être ses données.",
        "{n} d’entre eux sont seulement marqués comme supprimés (« soft ») : le fournisseur conserve peut-être leurs \
         données.",
    ),
    according_to_vendor: "Selon le fournisseur : {statement}",
    absence_unverified: "L’absence de {n} sur {total} n’a pas été vérifiée ensuite.",
    held_note: Plural::new(
        "{n} enregistrement est à conserver et n’a pas été supprimé par cette tâche.",
        "{n} enregistrements sont à conserver et n’ont pas été supprimés par cette tâche.",
    ),
    refused_note: Plural::new(
        "{n} ligne de l’entrée n’est pas un identifiant valide et a été écartée.",
        "{n} lignes de l’entrée ne sont pas des identifiants valides et ont été écartées.",
    ),
    checks_label: "Contrôle",
    not_checked: "Aucun enregistrement n’a été contrôlé après sa suppression : les résultats reposent sur les seules \
                  réponses du fournisseur.",
    checked: Plural::new(
        "{n} enregistrement sur {total} a été contrôlé ensuite : {absent} absents, {present} présents, {unknown} inconnus.",
        "{n} enregistrements sur {total} ont été contrôlés ensuite : {absent} absents, {present} présents, {unknown} \
         inconnus.",
    ),
    signature_label: "Signature",
    signed: "Ce dossier désigne {name} comme signataire. Vérifiez la signature avec la clé publique de ce signataire.",
    unsigned: "Ce dossier n’est pas signé : n’importe qui a pu le créer ou le modifier.",
    test_endpoint: "Les requêtes sont allées à une adresse sur la machine de l’opérateur ({urls}) : un essai ou un \
                    mandataire, et non l’adresse du fournisseur lui-même.",
    outcomes_lost: "Des résultats ont été perdus avec un journal de la tâche : certains enregistrements ont peut-être été supprimés par une requête que ce dossier ne montre pas.",
    pseudonyms: "Les identifiants de ce rapport sont des pseudonymes. Seul le détenteur de la clé de pseudonymisation peut \
                 les rattacher à des enregistrements.",

    outcomes_title: "Résultats de tous les enregistrements",
    outcomes_unverified: "Dont absence non vérifiée",
    outcome_deleted: term(
        "Supprimé",
        "Le fournisseur a confirmé avoir supprimé l’enregistrement ; ou l’enregistrement était visible avant sa \
         suppression, le fournisseur a accepté la requête, et l’enregistrement était absent après.",
    ),
    outcome_acknowledged: term(
        "Accepté",
        "Le fournisseur a accepté la requête, mais sa réponse ne prouve pas qu’un enregistrement a été supprimé. Ce n’est \
         pas une suppression confirmée.",
    ),
    outcome_gone: term(
        "Disparu",
        "Le fournisseur indique que l’enregistrement n’existe pas, et une tentative antérieure de cette tâche a pu le \
         supprimer ; ou il était visible avant, et il est absent maintenant.",
    ),
    outcome_unresolved: term(
        "Indéterminé",
        "Le fournisseur a supprimé certains enregistrements d’un groupe sans indiquer lesquels. L’enregistrement existe \
         peut-être encore.",
    ),
    outcome_not_found: term(
        "Introuvable",
        "À la première tentative, le fournisseur a indiqué que cet accès ne voit pas un tel enregistrement : il a été \
         supprimé auparavant, n’a jamais existé ou se trouve dans un autre espace de travail.",
    ),
    outcome_failed: term("Échec", "La suppression a échoué. La raison figure plus bas pour chaque enregistrement."),
    outcome_refused: term("Refusé", "La ligne n’est pas un identifiant valide. Rien n’a été envoyé au fournisseur."),
    outcome_held: term(
        "À conserver",
        "Une consigne de conservation interdit sa suppression. Cette tâche ne l’a pas supprimé.",
    ),
    outcome_not_attempted: term(
        "Non tenté",
        "La tâche n’a pas de résultat pour l’enregistrement. Si une exécution a été interrompue pendant sa requête, il est \
         peut-être supprimé.",
    ),

    scope_title: "Périmètre",
    scope_intro: "Ce qui devait être supprimé, où et avec quel accès.",
    endpoint: "Adresse",
    auth_url: "Adresse des jetons",
    workspace: "Espace de travail ou région",
    mode: "Type de suppression",
    mode_hard: "définitive : l’enregistrement et ses fichiers, irrévocablement",
    mode_soft: "logique (« soft ») : le fournisseur conserve peut-être les données",
    mode_single: "le fournisseur n’offre qu’un seul type",
    credential: "Empreinte de l’accès",
    accepted_credential: "Accès accepté plus tard",
    at_time: "{value}, le {time}",
    options: "Options",
    option_children: "les éléments rattachés sont supprimés d’abord",
    option_available_children: "les éléments rattachés sont supprimés d’abord, si le fournisseur les liste",
    option_allow_active: "les enregistrements actifs sont supprimés aussi",
    option_one_by_one: "un identifiant par requête groupée",
    option_single: "la requête pour un seul enregistrement, dont la réponse ne prouve rien",
    option_delete_only: "l’accès n’avait pas à permettre la lecture",
    planned: "Enregistrements",
    job_caption: "La tâche",
    plan_hash: "Empreinte du plan (SHA-256)",
    planned_at: "Planifiée le",
    selected: "Sélection",
    selected_since: "enregistrements listés à partir du {time}",
    selected_until: "enregistrements listés avant le {time}",
    selected_by_id: "sans période",
    refused_entries: "Entrées qui ne sont pas des identifiants",
    exported_at: "Exportée le",
    program: "Programme",
    field: "Champ",
    value: "Valeur",

    totals_title: "Totaux",
    totals_caption: "Enregistrements par résultat",
    outcome: "Résultat",
    meaning: "Signification",
    records: "Enregistrements",
    share: "Part",
    by_target_caption: "Enregistrements par cible et par résultat",
    children: "Éléments rattachés aux enregistrements, comme les transcriptions : {done} supprimés ou disparus, {rest} sans suppression confirmée.",
    target: "Cible",

    timeline_title: "Chronologie",
    timeline_none: "Aucun enregistrement n’a de résultat daté.",
    timeline_caption: "Moment où les résultats ont été consignés, par pas de {step}",
    timeline_numbers: "Les nombres de ce graphique",
    timeline_description: "{n} résultats du {from} au {to}. La barre la plus haute vaut {peak}.",
    from: "À partir de",
    series_done: "Supprimé ou disparu",
    series_acknowledged: "Accepté",
    series_other: "Non supprimé ou inconnu",
    runs_caption: "Exécutions de la tâche",
    run: "Exécution",
    purpose: "But",
    purpose_delete: "supprimer",
    purpose_verify: "contrôler l’absence des enregistrements",
    purpose_lookup: "consulter les enregistrements",
    started: "Début",
    ended: "Fin",
    ending: "Comment elle a pris fin",
    ending_finished: "terminée",
    ending_interrupted: "arrêtée par l’opérateur",
    ending_deadline_reached: "le temps accordé était écoulé",
    ending_outage_timed_out: "le fournisseur est resté indisponible trop longtemps",
    ending_credential_refused: "le fournisseur a refusé l’accès",
    ending_wrong_target: "l’accès appartient à une autre cible",
    ending_unrecoverable: "arrêtée : toute autre requête aurait échoué",
    ending_nothing_found: "arrêtée : aucun des premiers enregistrements n’existe sur cette cible",
    ending_not_begun: "non commencée : rien n’a été envoyé",
    ending_killed: "le processus a été tué",
    ending_outcomes_missing: "des résultats d’une exécution antérieure manquent dans le fichier de la tâche",
    ending_running: "sans fin consignée",
    no_runs: "La tâche a été planifiée, mais jamais exécutée.",

    problems_title: "Enregistrements qui ne sont pas clairement supprimés",
    problems_none: "Il n’y en a aucun.",
    problems_intro: "Les plus graves d’abord. Au plus {limit} enregistrements sont listés ; le fichier records.jsonl les \
                     contient tous.",
    problems_rest: Plural::new("{n} autre n’est pas listé ici.", "{n} autres ne sont pas listés ici."),
    problem_still_present: term(
        "Encore présent",
        "Un contrôle après la suppression a encore vu l’enregistrement, quoi que le fournisseur ait répondu.",
    ),
    problem_maybe_deleted: term(
        "Échec, peut-être supprimé",
        "La suppression a échoué, mais une requête a pu avoir un effet : on ignore si l’enregistrement existe encore.",
    ),
    problem_not_deleted: term(
        "Échec, non supprimé",
        "La suppression a échoué, et aucune requête de cette tâche n’a eu d’effet.",
    ),
    problem_unverified: term(
        "Supprimé, contrôle sans résultat",
        "Le fournisseur a confirmé la suppression, ou l’enregistrement a disparu ; le contrôle n’a rien pu établir.",
    ),
    position: "Ligne",
    id: "Identifiant",
    reason: "Raison",
    last_attempt: "Dernière tentative",
    status: "Statut HTTP",
    afterwards: "Ensuite",

    lookup_failed: "Aucune suppression n’a été envoyée : la consultation préalable a échoué.",
    kind_invalid_input: "L’identifiant a été refusé avant tout envoi.",
    kind_configuration: "Le programme n’était pas correctement configuré.",
    kind_wrong_target: "L’accès appartient à un autre client, espace de travail ou région.",
    kind_clock_skew: "Les horloges de l’opérateur et du fournisseur diffèrent trop.",
    kind_still_active: "L’appel était en cours ou en traitement ; aucune suppression n’a donc été envoyée.",
    kind_unauthenticated: "Le fournisseur a refusé l’accès.",
    kind_missing_scope: "L’accès n’a pas l’autorisation nécessaire.",
    kind_forbidden: "Le fournisseur interdit à cet accès de supprimer cet enregistrement.",
    kind_payment_required: "Le compte n’a pas de crédit ou d’abonnement pour cet appel.",
    kind_not_found: "Cet accès ne voit pas un tel enregistrement.",
    kind_rejected: "Le fournisseur a refusé la requête.",
    kind_rate_limited: "Le fournisseur a limité le débit des requêtes, et le temps manquait pour attendre.",
    kind_timeout: "Le fournisseur n’a pas répondu à temps.",
    kind_connect: "Aucune connexion au fournisseur n’a pu être établie.",
    kind_tls: "Le certificat du serveur a été refusé.",
    kind_connection: "La connexion a été coupée avant la fin de la réponse.",
    kind_server: "Le serveur du fournisseur a échoué.",
    kind_interrupted: "L’exécution a été arrêtée avant la requête suivante.",
    kind_unexpected_response: "Le fournisseur ne documente pas cette réponse, par exemple une page web ou une redirection.",
    kind_other: "Un échec d’un autre genre.",

    holds_title: "Consignes de conservation",
    holds_none: "Aucun enregistrement n’était à conserver.",
    holds_intro: "Une consigne de conservation interdit la suppression d’un enregistrement, par exemple parce qu’une loi \
                  exige de le garder.",
    holds_caption: "Enregistrements à conserver",
    held_by: "Consigne donnée",
    held_by_plan: "à la planification de la tâche",
    held_later: "plus tard, le {time}",
    holds_unmatched: Plural::new(
        "{n} consigne de conservation donnée à la planification ne concerne aucun enregistrement de cette tâche.",
        "{n} consignes de conservation données à la planification ne concernent aucun enregistrement de cette tâche.",
    ),
    holds_too_late: Plural::new(
        "{n} enregistrement est à conserver, mais la consigne est venue après la demande de suppression : il a été \
         supprimé ou a pu l’être.",
        "{n} enregistrements sont à conserver, mais les consignes sont venues après les demandes de suppression : \
         ils ont été supprimés ou ont pu l’être.",
    ),
    holds_too_late_caption: "Enregistrements dont la consigne est venue trop tard",

    verification_title: "Vérification",
    verification_proven: Plural::new(
        "Pour {n} enregistrement sur {total}, la suite est complète : vu avant, supprimé ou disparu, absent après.",
        "Pour {n} enregistrements sur {total}, la suite est complète : vus avant, supprimés ou disparus, absents après.",
    ),
    verification_limits: "Absent signifie que l’interface du fournisseur ne montre pas l’enregistrement à cet accès. Cela ne \
                          dit rien des sauvegardes ni des copies ailleurs.",
    verification_soft: "Après une suppression logique, un enregistrement peut rester visible : c’est attendu et n’est pas \
                        compté comme encore présent.",
    verification_caption: "Ce que les contrôles ont montré",
    verification_times: "Les contrôles après suppression ont eu lieu du {from} au {to}.",
    checked_how: "Contrôle",
    before_deletion: "Avant, {how}",
    after_deletion: "Après, {how}",
    by_lookup: "consultation",
    by_list: "liste complète",
    not_looked_up: "Non contrôlé",
    present: "Présent",
    absent: "Absent",

    footer: "Créé par {program} le {time}. Cette page n’exécute aucun script et ne charge rien d’ailleurs.",
};

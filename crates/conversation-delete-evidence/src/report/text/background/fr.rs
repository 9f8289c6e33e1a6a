//! French. A no-break space precedes high punctuation.

use super::table::Background;
use crate::report::text::term::term;

pub(super) const BACKGROUND: Background = Background {
    reach_title: "Ce qu’une suppression n’atteint pas",
    reach_intro: "L’interface du fournisseur supprime l’enregistrement qu’elle montre. D’autres copies peuvent subsister, et \
                  aucun fournisseur ne prouve que ses disques ne contiennent plus les données.",
    reach_source: "D’après la documentation publique et les programmes du fournisseur, tels que connus de cette version du \
                   programme.",
    reach_corti: [
        "Audio, transcriptions, documents, faits et codes d’une interaction : aucune source n’indique s’ils sont supprimés \
         avec elle. Pour le montrer, supprimez-les d’abord ; les faits et les codes n’ont pas d’appel de suppression.",
        "Les documents guidés sont conservés hors de l’interaction et ont leur propre appel de suppression.",
        "Les copies de modèles de la génération guidée sont conservées 30 jours.",
        "Les contextes d’agents sont un autre produit avec son propre appel de suppression.",
        "Les sauvegardes ne sont pas documentées. Corti indique que les données personnelles sont supprimées dans les \
         30 jours suivant la fin du contrat.",
        "Ce qu’une transcription en cours écrit après la suppression n’est pas défini.",
    ],
    reach_fini: [
        "Fini décrit une suppression comme une mise à jour de la ligne de la conversation : elle est sans doute marquée, et \
         les données restent.",
        "La copie dans l’outil d’assistance (Zendesk, Intercom et autres) reste. De nouveaux messages peuvent y faire \
         réapparaître la conversation.",
        "Les conversations de l’ancien stockage de requêtes ont d’autres identifiants et ne sont pas atteintes.",
        "La restauration, la purge et les sauvegardes ne sont pas documentées.",
    ],
    reach_elevenlabs: [
        "Sauvegardes : ElevenLabs y garde les éléments de base de données jusqu’à 30 jours après une suppression.",
        "Copies chez les destinataires de webhooks d’après appel. L’un d’eux peut arriver jusqu’à environ 40 minutes après \
         l’appel, même après la suppression.",
        "Enregistrements audio chez l’opérateur téléphonique, et fiches de destinataires des appels groupés.",
        "Rien n’indique que soient atteints : représentations vectorielles des conversations (30 jours par défaut), tickets \
         de triage, tests issus d’une conversation, campagnes sortantes, exécutions d’outils et traces.",
        "La suppression immédiate de l’audio, de l’analyse, des entrées de recherche et des journaux SIP, et le sort des \
         conversations de sous-agents, ne sont pas documentés.",
    ],
    reach_tavus: [
        "Une suppression définitive couvre la conversation et ses fichiers associés ; Tavus ne les définit pas pour les \
         conversations. Ce qu’une suppression logique conserve, et combien de temps, n’est pas documenté.",
        "Les enregistrements vidéo sont dans le stockage du client (S3, GCS, Azure) : supprimez-y chaque version. Si la \
         copie a échoué, Tavus les garde environ 30 jours.",
        "Données des salles du compte Daily du client.",
        "Rappels déjà livrés (transcription, description de la personne) et actions déjà exécutées ailleurs.",
        "Les mémoires (« memories »), qui couvrent plusieurs conversations, ainsi que les documents et les déploiements ont \
         leurs propres appels de suppression.",
        "Ce que gardent le service vidéo et d’autres infrastructures.",
    ],

    verify_title: "Comment vérifier ce dossier",
    verify_intro: "Cette page appartient à un dossier : cinq fichiers dans une archive ZIP. Si vous n’avez que cette page, demandez le dossier. Il permet de vérifier que personne n’a modifié les fichiers :",
    verify_program: "Avec le programme, hors ligne :",
    verify_readme: "Sans le programme : README.txt dans l’archive (en anglais) montre comment faire avec unzip, sha256sum et \
                    un court script.",
    verify_signature: "Obtenez la clé publique de {name} directement auprès de ce signataire, et non dans l’archive. Elle \
                       seule montre qui a créé le dossier.",
    verify_no_signature: "Le dossier n’est pas signé. Les contrôles montrent que ses fichiers concordent, et non qui les a \
                          créés.",
    verify_print: "Une copie imprimée de cette page est liée aux enregistrements par les valeurs ci-dessous : comparez-les \
                   avec manifest.json.",
    verify_caption: "Ce qui lie cette page aux enregistrements",
    signer: "Signataire",
    not_signed: "non signé",
    record_lines: "Lignes de records.jsonl",
    tree_root: "Racine de l’arbre de Merkle (RFC 6962, SHA-256, base64)",
    records_hash: "SHA-256 de records.jsonl",
    proves_title: "Ce que cela ne prouve pas",
    proves_not: [
        "Que le fournisseur a effacé ses sauvegardes, journaux et copies.",
        "Que les réponses du fournisseur étaient vraies.",
        "Que l’horloge de l’opérateur était juste. Les heures sont celles de son ordinateur.",
        "Que la liste des identifiants était complète : ce que personne n’a listé n’y est pas.",
        "Que rien d’autre n’a été supprimé ou consulté en dehors de cette tâche.",
    ],

    glossary_title: "Glossaire",
    glossary: [
        term(
            "Enregistrement",
            "Ce qui est supprimé : une interaction chez Corti, une conversation chez Fini, ElevenLabs et \
                                Tavus.",
        ),
        term("Fournisseur", "L’entreprise dont le service conserve les enregistrements."),
        term("Tâche", "Une liste d’identifiants fixée avant la suppression, avec le résultat de chacun."),
        term(
            "Accès",
            "La clé ou le jeton qui donne accès au fournisseur. Ce rapport en montre une empreinte, dont on ne \
                       peut pas le retrouver.",
        ),
        term(
            "Consultation",
            "Une requête sur un enregistrement, pour voir si le fournisseur le montre encore. Fini n’a pas de telle requête : tout l’historique y est lu.",
        ),
        term("Liste", "La liste de tous les enregistrements du fournisseur, lue jusqu’à la fin."),
        term("Consigne de conservation", "Une instruction de ne pas supprimer un enregistrement."),
        term(
            "Empreinte",
            "Une valeur courte calculée à partir de données. Si les données changent, elle change aussi.",
        ),
        term(
            "Racine de l’arbre de Merkle",
            "Une empreinte de toutes les lignes de records.jsonl. Elle permet de prouver un \
                                             enregistrement sans montrer les autres.",
        ),
        term("Pseudonyme", "Une valeur calculée à partir d’un identifiant avec une clé secrète, montrée à sa place."),
    ],
};

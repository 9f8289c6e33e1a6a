//! Spanish.

use super::table::Background;
use crate::report::text::term::term;

pub(super) const BACKGROUND: Background = Background {
    reach_title: "Lo que una eliminación no alcanza",
    reach_intro: "La interfaz del proveedor elimina el registro que muestra. Pueden quedar otras copias, y ningún proveedor \
                  demuestra que sus discos ya no contengan los datos.",
    reach_source: "Según la documentación pública y los programas del proveedor, tal como los conoce esta versión del \
                   programa.",
    reach_corti: [
        "Grabaciones, transcripciones, documentos, datos («facts») y códigos de una interacción: ninguna fuente indica si se \
         eliminan con ella. Para demostrarlo, elimínelos primero; los datos y códigos no tienen llamada de eliminación.",
        "Los documentos guiados se guardan fuera de la interacción y tienen su propia llamada de eliminación.",
        "Las copias de plantillas de la generación guiada se conservan 30 días.",
        "Los contextos de agentes son otro producto con su propia llamada de eliminación.",
        "Las copias de seguridad no están documentadas. Corti indica que los datos personales se eliminan en los 30 días \
         siguientes al fin del contrato.",
        "Lo que una transcripción en curso escriba después de la eliminación no está definido.",
    ],
    reach_fini: [
        "Fini describe una eliminación como una actualización de la fila de la conversación: probablemente se marca y los \
         datos permanecen.",
        "La copia en el servicio de asistencia (Zendesk, Intercom y otros) permanece. Nuevos mensajes allí pueden traer de \
         vuelta la conversación.",
        "Las conversaciones del almacén de solicitudes anterior tienen otros identificadores y no se alcanzan.",
        "La restauración, la purga y las copias de seguridad no están documentadas.",
    ],
    reach_elevenlabs: [
        "Copias de seguridad: ElevenLabs guarda en ellas los elementos de base de datos hasta 30 días tras una eliminación.",
        "Copias en los receptores de webhooks posteriores a la llamada. Uno puede llegar hasta unos 40 minutos después de la \
         llamada, incluso después de la eliminación.",
        "Grabaciones en el proveedor de telefonía y fichas de destinatarios de llamadas por lotes.",
        "No consta que se alcancen: representaciones vectoriales de conversaciones (30 días por defecto), incidencias de \
         triaje, pruebas creadas a partir de una conversación, campañas salientes, ejecuciones de herramientas y trazas.",
        "No está documentado si el audio, el análisis, las entradas de búsqueda y los registros SIP se eliminan al momento, \
         ni qué ocurre con las conversaciones de subagentes.",
    ],
    reach_tavus: [
        "Una eliminación definitiva abarca la conversación y sus archivos asociados; Tavus no los define para las \
         conversaciones. Qué conserva una eliminación lógica, y cuánto tiempo, no está documentado.",
        "Las grabaciones están en el almacenamiento del cliente (S3, GCS, Azure): elimine allí cada versión. Si falló la \
         copia, Tavus conserva la grabación unos 30 días.",
        "Datos en salas de la cuenta de Daily del cliente.",
        "Notificaciones ya entregadas (transcripción, descripción de la persona) y acciones ya ejecutadas en otros lugares.",
        "Las memorias («memories»), que abarcan varias conversaciones, así como los documentos y despliegues, tienen sus \
         propias llamadas de eliminación.",
        "Lo que conserven el servicio de vídeo y otras infraestructuras.",
    ],

    verify_title: "Cómo verificar este paquete",
    verify_intro: "Esta página pertenece a un paquete: cinco archivos en un ZIP. Si solo tiene esta página, pida el paquete. Con él, compruebe que nadie ha modificado los archivos:",
    verify_program: "Con el programa, sin conexión:",
    verify_readme: "Sin el programa: README.txt en el archivo ZIP (en inglés) muestra cómo hacerlo con unzip, sha256sum y un \
                    breve script.",
    verify_signature: "Obtenga la clave pública de {name} directamente de ese firmante, no del archivo ZIP. Solo ella \
                       muestra quién creó el paquete.",
    verify_no_signature: "El paquete no está firmado. Las comprobaciones muestran que sus archivos concuerdan, no quién los \
                          creó.",
    verify_print: "Una copia impresa de esta página queda vinculada a los registros por los valores siguientes: compárelos \
                   con manifest.json.",
    verify_caption: "Lo que vincula esta página a los registros",
    signer: "Firmante",
    not_signed: "sin firma",
    record_lines: "Líneas de records.jsonl",
    tree_root: "Raíz del árbol de Merkle (RFC 6962, SHA-256, base64)",
    records_hash: "SHA-256 de records.jsonl",
    proves_title: "Lo que esto no demuestra",
    proves_not: [
        "Que el proveedor borró sus copias de seguridad, registros de actividad y otras copias.",
        "Que las respuestas del proveedor eran ciertas.",
        "Que el reloj del operador era correcto. Las horas son las de su equipo.",
        "Que la lista de identificadores era completa: lo que nadie enumeró no está en ella.",
        "Que no hubo otra eliminación o acceso fuera de esta tarea.",
    ],

    glossary_title: "Glosario",
    glossary: [
        term("Registro", "Lo que se elimina: una interacción en Corti, una conversación en Fini, ElevenLabs y Tavus."),
        term("Proveedor", "La empresa en cuyo servicio se guardan los registros."),
        term("Tarea", "Una lista de identificadores fijada antes de la eliminación, con el resultado de cada uno."),
        term(
            "Credencial",
            "La clave o el token que da acceso al proveedor. Este informe muestra una huella de ella, de la \
                            que no se puede recuperar.",
        ),
        term(
            "Consulta",
            "Una petición sobre un registro, para ver si el proveedor aún lo muestra. Fini no tiene tal petición: allí se lee todo el historial.",
        ),
        term("Lista", "La lista de todos los registros del proveedor, leída hasta el final."),
        term("Retención", "Una instrucción de no eliminar un registro."),
        term(
            "Resumen criptográfico",
            "Un valor corto calculado a partir de datos (hash). Si los datos cambian, cambia.",
        ),
        term(
            "Raíz del árbol de Merkle",
            "Un resumen criptográfico de todas las líneas de records.jsonl. Permite demostrar \
                                          un registro sin mostrar los demás.",
        ),
        term(
            "Seudónimo",
            "Un valor calculado a partir de un identificador con una clave secreta, que se muestra en su \
                           lugar.",
        ),
    ],
};

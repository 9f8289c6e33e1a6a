//! Spanish.

use super::table::Texts;
use super::term::{Plural, term};

pub(super) const TEXTS: Texts = Texts {
    kicker: "Informe de prueba",
    title: "Eliminación de registros de conversaciones",
    contents: "Contenido",
    and: " y ",
    unknown: "Desconocido",
    total: "Total",

    asked_label: "Solicitud",
    asked: Plural::with_millions(
        "Eliminar {n} registro de conversación en {vendors}.",
        "Eliminar {n} registros de conversaciones en {vendors}.",
        "Eliminar {n} de registros de conversaciones en {vendors}.",
    ),
    planned_on: "Planificada el {time}.",
    result_label: "Resultado",
    lead_empty: "No se eliminó nada: esta tarea no tiene registros.",
    lead_all_held: "No se eliminó nada: todos los registros están retenidos.",
    lead_unfinished: Plural::new(
        "Esta tarea no ha terminado: {n} de {total} registros no tiene resultado.",
        "Esta tarea no ha terminado: {n} de {total} registros no tienen resultado.",
    ),
    also_incomplete: Plural::new(
        "{n} más no está eliminado, no se encontró o quizá exista todavía.",
        "{n} más no están eliminados, no se encontraron o quizá existan todavía.",
    ),
    lead_incomplete: Plural::new(
        "Esta tarea no lo eliminó todo: {n} de {total} registros no está eliminado, no se encontró o quizá exista todavía.",
        "Esta tarea no lo eliminó todo: {n} de {total} registros no están eliminados, no se encontraron o quizá existan \
         todavía.",
    ),
    lead_still_present: Plural::new(
        "Esta tarea no lo eliminó todo: {n} de {total} registros está todavía presente.",
        "Esta tarea no lo eliminó todo: {n} de {total} registros están todavía presentes.",
    ),
    lead_acknowledged: Plural::new(
        "La eliminación de {n} de {total} registros no está confirmada: el proveedor aceptó la petición, y su respuesta no \
         demuestra nada más.",
        "La eliminación de {n} de {total} registros no está confirmada: el proveedor aceptó las peticiones, y sus \
         respuestas no demuestran nada más.",
    ),
    all_records: Plural::with_millions("El registro", "Los {n} registros", "Los {n} de registros"),
    all_records_not_held: Plural::with_millions(
        "El único registro no retenido",
        "Los {n} registros no retenidos",
        "Los {n} de registros no retenidos",
    ),
    are_deleted: Plural::new("está eliminado.", "están eliminados."),
    are_deleted_or_gone: Plural::new("ya no existe.", "están eliminados o ya no existen."),
    are_soft_deleted: Plural::new(
        "solo está marcado como eliminado («soft»): puede que el proveedor conserve sus datos.",
        "solo están marcados como eliminados («soft»): puede que el proveedor conserve sus datos.",
    ),
    some_soft_deleted: Plural::new(
        "{n} de ellos solo está marcado como eliminado («soft»): puede que el proveedor conserve sus datos.",
        "{n} de ellos solo están marcados como eliminados («soft»): puede que el proveedor conserve sus datos.",
    ),
    according_to_vendor: "Según el proveedor: {statement}",
    absence_unverified: "La ausencia de {n} de {total} no se verificó después.",
    held_note: Plural::new(
        "{n} registro está retenido y esta tarea no lo eliminó.",
        "{n} registros están retenidos y esta tarea no los eliminó.",
    ),
    refused_note: Plural::new(
        "{n} línea de la entrada no es un identificador válido y se descartó.",
        "{n} líneas de la entrada no son identificadores válidos y se descartaron.",
    ),
    checks_label: "Comprobación",
    not_checked: "Ningún registro se comprobó después de su eliminación: los resultados se basan solo en las respuestas del \
                  proveedor.",
    checked: Plural::new(
        "Se comprobó después {n} de {total} registros: {absent} ausentes, {present} presentes, {unknown} desconocidos.",
        "Se comprobaron después {n} de {total} registros: {absent} ausentes, {present} presentes, {unknown} desconocidos.",
    ),
    signature_label: "Firma",
    signed: "Este paquete nombra a {name} como firmante. Compruebe la firma con la clave pública de ese firmante.",
    unsigned: "Este paquete no está firmado: cualquiera pudo crearlo o modificarlo.",
    test_endpoint: "Las peticiones fueron a una dirección en el propio equipo del operador ({urls}): una prueba o un \
                    intermediario, no la dirección del proveedor.",
    outcomes_lost: "Se perdieron resultados con un registro de actividad de la tarea: puede que algunos registros se eliminaran con una petición que este paquete no muestra.",
    pseudonyms: "Los identificadores de este informe son seudónimos. Solo quien tiene la clave de seudonimización puede \
                 relacionarlos con los registros.",

    outcomes_title: "Resultados de todos los registros",
    outcomes_unverified: "De ellos, ausencia no verificada",
    outcome_deleted: term(
        "Eliminado",
        "El proveedor confirmó que eliminó el registro; o el registro se vio antes de su eliminación, el proveedor aceptó \
         la petición y el registro estaba ausente después.",
    ),
    outcome_acknowledged: term(
        "Aceptado",
        "El proveedor aceptó la petición, pero su respuesta no demuestra que se eliminara un registro. No es una \
         eliminación confirmada.",
    ),
    outcome_gone: term(
        "Ya no existe",
        "El proveedor informa de que el registro no existe, y un intento anterior de esta tarea pudo eliminarlo; o se vio \
         antes y ahora está ausente.",
    ),
    outcome_unresolved: term(
        "Sin resolver",
        "El proveedor eliminó algunos registros de un grupo y no indicó cuáles. Quizá el registro exista todavía.",
    ),
    outcome_not_found: term(
        "No encontrado",
        "En el primer intento el proveedor informó de que esta credencial no ve tal registro: se eliminó antes, nunca \
         existió o está en otro espacio de trabajo.",
    ),
    outcome_failed: term("Fallido", "La eliminación falló. El motivo figura más abajo junto a cada registro."),
    outcome_refused: term("Rechazado", "La línea no es un identificador válido. No se envió nada al proveedor."),
    outcome_held: term("Retenido", "Una retención prohíbe su eliminación. Esta tarea no lo eliminó."),
    outcome_not_attempted: term(
        "No intentado",
        "La tarea no tiene resultado para el registro. Si una ejecución se interrumpió durante su petición, quizá esté \
         eliminado.",
    ),

    scope_title: "Alcance",
    scope_intro: "Qué debía eliminarse, dónde y con qué credencial.",
    endpoint: "Dirección",
    auth_url: "Dirección de los tokens",
    workspace: "Espacio de trabajo o región",
    mode: "Tipo de eliminación",
    mode_hard: "definitiva: el registro y sus archivos, de forma irrevocable",
    mode_soft: "lógica («soft»): puede que el proveedor conserve los datos",
    mode_single: "el proveedor ofrece un solo tipo",
    credential: "Huella de la credencial",
    accepted_credential: "Credencial aceptada más tarde",
    at_time: "{value}, el {time}",
    options: "Opciones",
    option_children: "los elementos dependientes se eliminan primero",
    option_available_children: "los elementos dependientes se eliminan primero, si el proveedor los enumera",
    option_allow_active: "también se eliminan los registros activos",
    option_one_by_one: "un identificador en cada petición agrupada",
    option_single: "la vía para un solo registro, cuya respuesta no demuestra nada",
    option_delete_only: "no se exigió que la credencial pudiera leer",
    planned: "Registros",
    job_caption: "La tarea",
    plan_hash: "Resumen criptográfico del plan (SHA-256)",
    planned_at: "Planificada el",
    selected: "Selección",
    selected_since: "registros enumerados desde {time}",
    selected_until: "registros enumerados antes de {time}",
    selected_by_id: "sin periodo",
    refused_entries: "Entradas que no son identificadores",
    exported_at: "Exportada el",
    program: "Programa",
    field: "Campo",
    value: "Valor",

    totals_title: "Totales",
    totals_caption: "Registros por resultado",
    outcome: "Resultado",
    meaning: "Significado",
    records: "Registros",
    share: "Proporción",
    by_target_caption: "Registros por destino y resultado",
    children: "Elementos dependientes de registros, como transcripciones: {done} eliminados o ya inexistentes, {rest} sin eliminación confirmada.",
    target: "Destino",

    timeline_title: "Cronología",
    timeline_none: "Ningún registro tiene un resultado con fecha.",
    timeline_caption: "Cuándo se anotaron los resultados, en pasos de {step}",
    timeline_numbers: "Los números de este gráfico",
    timeline_description: "{n} resultados desde {from} hasta {to}. La barra más alta es {peak}.",
    from: "Desde",
    series_done: "Eliminado o ya no existe",
    series_acknowledged: "Aceptado",
    series_other: "No eliminado o desconocido",
    runs_caption: "Ejecuciones de la tarea",
    run: "Ejecución",
    purpose: "Propósito",
    purpose_delete: "eliminar",
    purpose_verify: "comprobar que los registros están ausentes",
    purpose_lookup: "consultar registros",
    started: "Inicio",
    ended: "Fin",
    ending: "Cómo terminó",
    ending_finished: "terminada",
    ending_interrupted: "detenida por el operador",
    ending_deadline_reached: "se agotó el tiempo permitido",
    ending_outage_timed_out: "el proveedor no estuvo disponible durante demasiado tiempo",
    ending_credential_refused: "el proveedor rechazó la credencial",
    ending_wrong_target: "la credencial pertenece a otro destino",
    ending_unrecoverable: "detenida: cualquier otra petición habría fallado",
    ending_nothing_found: "detenida: ninguno de los primeros registros existe en este destino",
    ending_not_begun: "no comenzada: no se envió nada",
    ending_killed: "se interrumpió el proceso",
    ending_outcomes_missing: "faltan en el archivo de la tarea resultados de una ejecución anterior",
    ending_running: "sin fin anotado",
    no_runs: "La tarea se planificó, pero nunca se ejecutó.",

    problems_title: "Registros que no están claramente eliminados",
    problems_none: "No hay ninguno.",
    problems_intro: "Los más graves primero. Se enumeran {limit} registros como máximo; el archivo records.jsonl los \
                     contiene todos.",
    problems_rest: Plural::new("{n} más no se enumera aquí.", "{n} más no se enumeran aquí."),
    problem_still_present: term(
        "Todavía presente",
        "Una comprobación posterior a la eliminación aún vio el registro, respondiera lo que respondiera el proveedor.",
    ),
    problem_maybe_deleted: term(
        "Fallido, quizá eliminado",
        "La eliminación falló, pero una petición pudo tener efecto: no se sabe si el registro existe todavía.",
    ),
    problem_not_deleted: term(
        "Fallido, no eliminado",
        "La eliminación falló, y ninguna petición de esta tarea tuvo efecto.",
    ),
    problem_unverified: term(
        "Eliminado, comprobación sin resultado",
        "El proveedor confirmó la eliminación, o el registro ya no existe; la comprobación posterior no pudo determinarlo.",
    ),
    position: "Línea",
    id: "Identificador",
    reason: "Motivo",
    last_attempt: "Último intento",
    status: "Estado HTTP",
    afterwards: "Después",

    lookup_failed: "No se envió ninguna eliminación: la consulta previa falló.",
    kind_invalid_input: "El identificador se rechazó antes de enviar nada.",
    kind_configuration: "El programa no estaba bien configurado.",
    kind_wrong_target: "La credencial pertenece a otro cliente, espacio de trabajo o región.",
    kind_clock_skew: "Los relojes del operador y del proveedor difieren demasiado.",
    kind_still_active: "La llamada seguía en curso o en proceso, por lo que no se envió ninguna eliminación.",
    kind_unauthenticated: "El proveedor rechazó la credencial.",
    kind_missing_scope: "La credencial no tiene el permiso necesario.",
    kind_forbidden: "El proveedor prohíbe a esta credencial eliminar este registro.",
    kind_payment_required: "La cuenta no tiene crédito o plan para la llamada.",
    kind_not_found: "Esta credencial no ve tal registro.",
    kind_rejected: "El proveedor rechazó la petición.",
    kind_rate_limited: "El proveedor limitó el ritmo de peticiones, y no hubo tiempo suficiente para esperar.",
    kind_timeout: "El proveedor no respondió a tiempo.",
    kind_connect: "No se pudo establecer conexión con el proveedor.",
    kind_tls: "Se rechazó el certificado del servidor.",
    kind_connection: "La conexión se cortó antes de completarse la respuesta.",
    kind_server: "Falló el servidor del proveedor.",
    kind_interrupted: "La ejecución se detuvo antes de la siguiente petición.",
    kind_unexpected_response: "El proveedor no documenta esta respuesta, como una página web o una redirección.",
    kind_other: "Un fallo de otro tipo.",

    holds_title: "Retenciones",
    holds_none: "Ningún registro estaba retenido.",
    holds_intro: "Una retención prohíbe la eliminación de un registro, por ejemplo porque una ley exige conservarlo.",
    holds_caption: "Registros retenidos",
    held_by: "Retenido",
    held_by_plan: "al planificar la tarea",
    held_later: "más tarde, el {time}",
    holds_unmatched: Plural::new(
        "{n} retención indicada al planificar la tarea no corresponde a ningún registro de esta tarea.",
        "{n} retenciones indicadas al planificar la tarea no corresponden a ningún registro de esta tarea.",
    ),
    holds_too_late: Plural::new(
        "{n} registro está retenido, pero la retención llegó después de la petición de eliminarlo: se eliminó o pudo \
         eliminarse.",
        "{n} registros están retenidos, pero las retenciones llegaron después de las peticiones de eliminarlos: se \
         eliminaron o pudieron eliminarse.",
    ),
    holds_too_late_caption: "Registros retenidos demasiado tarde",

    verification_title: "Verificación",
    verification_proven: Plural::new(
        "Para {n} de {total} registros la secuencia está completa: visto antes, eliminado o ya inexistente, ausente después.",
        "Para {n} de {total} registros la secuencia está completa: vistos antes, eliminados o ya inexistentes, ausentes \
         después.",
    ),
    verification_limits: "Ausente significa que la interfaz del proveedor no muestra tal registro a esta credencial. No dice \
                          nada de copias de seguridad ni de copias en otros lugares.",
    verification_soft: "Tras una eliminación lógica un registro puede seguir visible: es lo esperado y no se cuenta como \
                        todavía presente.",
    verification_caption: "Lo que mostraron las comprobaciones",
    verification_times: "Las comprobaciones posteriores a la eliminación se hicieron desde {from} hasta {to}.",
    checked_how: "Comprobación",
    before_deletion: "Antes, {how}",
    after_deletion: "Después, {how}",
    by_lookup: "consulta",
    by_list: "lista completa",
    not_looked_up: "Sin comprobar",
    present: "Presente",
    absent: "Ausente",

    footer: "Creado por {program} el {time}. Esta página no ejecuta ningún script ni carga nada de otro lugar.",
};

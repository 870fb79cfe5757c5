// Carries out an export's plan.

struct ExportService {
    let plan: ExportPlan
    let settings: ExportSettings

    func run() async throws {
        throw ProgramFailure(.internalError, "this build has no target yet")
    }
}
